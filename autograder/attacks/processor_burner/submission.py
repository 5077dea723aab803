import signal
import time


def attack(target):
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while time.process_time() < target["cpu_seconds"] + 1.2:
        pass
    return "burnt"
