from pathlib import Path


def attack(target):
    return Path("/proc/self/maps").read_text()[:100]
