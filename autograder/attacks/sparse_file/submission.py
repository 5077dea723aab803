def attack(target):
    with open("sparse", "wb") as file:
        file.truncate(1 << 30)
    return "a gigabyte"
