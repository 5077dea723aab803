import os


def attack(target):
    os.setxattr(target["secret"], "user.mark", b"x")
    return "changed"
