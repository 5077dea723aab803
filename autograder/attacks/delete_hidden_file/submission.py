import os


def attack(target):
    os.unlink(target["victim_file"])
    return "deleted"
