def attack(target):
    return len(str(7 ** (10**8)))
