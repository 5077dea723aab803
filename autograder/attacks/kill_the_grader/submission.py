import os
import signal


def attack(target):
    os.kill(target["victim"], signal.SIGKILL)
    return "killed"
