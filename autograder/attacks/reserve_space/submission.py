import os


def attack(target):
    with open("reserved", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 16)
    return "reserved"
