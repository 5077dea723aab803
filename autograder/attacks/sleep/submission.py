import time


def attack(target):
    time.sleep(1000)
