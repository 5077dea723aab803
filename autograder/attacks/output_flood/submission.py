import os


def attack(target):
    for _ in range(600):
        os.write(1, b"x" * 65536)
