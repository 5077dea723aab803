from pathlib import Path


def attack(target):
    return Path(target["engine"], "cli.py").read_text()
