import os


def attack(target):
    return [name for name, value in os.environ.items() if "canary" in value or "TOKEN" in name]
