import os


def attack(target):
    return os.stat(target["secret"]).st_size
