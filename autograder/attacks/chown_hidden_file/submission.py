import os


def attack(target):
    os.chown(target["secret"], os.getuid(), os.getgid())
    return "changed"
