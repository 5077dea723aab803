import atexit
import os
import time


def attack(target):
    atexit.register(time.sleep, 1000)
    if os.fork() == 0:
        time.sleep(0.3)
        os._exit(0)
    return "left behind"
