import os


def attack(target):
    return os.listdir(target["folder"])
