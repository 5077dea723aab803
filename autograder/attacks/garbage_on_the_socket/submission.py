import os


def attack(target):
    os.write(3, b"\xff" * 500)
