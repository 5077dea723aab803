import os


def attack(target):
    os.kill(os.getppid(), target["signal"])
    return "killed"
