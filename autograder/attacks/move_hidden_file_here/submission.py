import os


def attack(target):
    os.rename(target["victim_file"], "stolen")
    return "moved"
