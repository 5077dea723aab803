import re


def attack(target):
    return re.match(r"(a+)+$", "a" * 60 + "b")
