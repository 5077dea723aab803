def attack(target):
    for number in range(400):
        with open(f"file-{number}", "wb"):
            pass
    return "400 files"
