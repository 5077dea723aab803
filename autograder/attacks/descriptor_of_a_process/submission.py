import os


def attack(target):
    return os.pidfd_open(target["victim"]) > 0
