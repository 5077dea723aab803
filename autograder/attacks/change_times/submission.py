import os


def attack(target):
    os.utime(target["secret"], (0, 0))
    return "changed"
