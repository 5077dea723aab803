import os
import signal


def attack(target):
    os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        pass
