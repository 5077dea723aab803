import os


def attack(target):
    os.chdir(os.path.dirname(target["public"]))
    with open(os.path.basename(target["public"])) as file:
        return file.read()
