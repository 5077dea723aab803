from pathlib import Path


def attack(target):
    return Path(target["secret"]).read_text()
