import os


def attack(target):
    os.mkfifo("pipe")
    return "a pipe"
