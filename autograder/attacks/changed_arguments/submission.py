def attack(target):
    target.clear()
