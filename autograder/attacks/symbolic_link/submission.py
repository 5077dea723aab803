import os


def attack(target):
    os.symlink(target["public"], "link")
    with open("link") as file:
        return file.read()
