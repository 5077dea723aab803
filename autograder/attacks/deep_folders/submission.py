import contextlib
import os


def attack(target):
    with contextlib.suppress(OSError):  # a bounded work folder is full before that
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
