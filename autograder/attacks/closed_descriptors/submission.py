import os


def attack(target):
    os.closerange(0, 256)
