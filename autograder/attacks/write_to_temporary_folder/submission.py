import os


def attack(target):
    with open("/var/tmp/attack", "wb"):
        os.unlink("/var/tmp/attack")
    return "written"
