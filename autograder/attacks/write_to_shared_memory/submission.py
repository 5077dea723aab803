import os


def attack(target):
    with open("/dev/shm/attack", "wb"):
        os.unlink("/dev/shm/attack")
    return "written"
