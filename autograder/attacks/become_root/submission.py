import os


def attack(target):
    os.setresuid(0, 0, 0)
    return os.geteuid() == 0
