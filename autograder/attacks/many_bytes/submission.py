def attack(target):
    for number in range(40):
        with open(f"part-{number}", "wb") as file:
            file.write(bytes(2 << 20))
    return "80 MB"
