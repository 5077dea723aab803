import os


def attack(target):
    os.mkdir("locked")
    os.mkdir("locked/inner")
    os.mkdir("open", 0)
    with open("locked/file", "w") as file:
        file.write("x")
    os.mkdir("locked/inner/shut", 0)
