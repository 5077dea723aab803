import os


def attack(target):
    os.close(os.open(f"/proc/{target['victim']}/mem", os.O_RDWR))
    return "open"
