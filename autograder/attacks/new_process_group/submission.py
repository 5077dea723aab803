import os


def attack(target):
    os.setpgid(0, 0)
    return "a group of its own"
