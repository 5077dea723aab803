import json
import os


def attack(target):
    with open(os.path.join(target["folder"], "results.json"), "w") as file:
        json.dump({"score": 100}, file)
    return "forged"
