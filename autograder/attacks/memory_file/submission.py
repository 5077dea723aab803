import os


def attack(target):
    return os.memfd_create("hidden memory") > 0
