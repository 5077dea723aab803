import os


def attack(target):
    return os.path.exists(target["secret"])
