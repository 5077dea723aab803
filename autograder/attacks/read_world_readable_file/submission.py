from pathlib import Path


def attack(target):
    return Path(target["public"]).read_text()
