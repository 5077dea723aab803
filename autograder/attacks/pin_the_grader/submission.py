import os


def attack(target):
    os.sched_setaffinity(target["victim"], {min(os.sched_getaffinity(0))})
    return "pinned"
