import sys

sys.setrecursionlimit(10**9)


def attack(target):
    return repr(attack(target))
