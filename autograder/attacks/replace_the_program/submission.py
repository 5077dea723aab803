import os


def attack(target):
    os.execv("/bin/touch", ["touch", "evidence"])
