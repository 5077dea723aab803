from pathlib import Path


def attack(target):
    return Path("/etc/passwd").read_text()
