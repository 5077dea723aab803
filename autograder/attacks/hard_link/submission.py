import os


def attack(target):
    os.link(target["victim_file"], "mine")
    return "linked"
