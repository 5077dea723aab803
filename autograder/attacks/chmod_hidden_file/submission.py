import os


def attack(target):
    os.chmod(target["secret"], 0o666)
    return "changed"
