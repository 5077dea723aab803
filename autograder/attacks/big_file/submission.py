def attack(target):
    with open("big", "wb") as file:
        for _ in range(target["file_mb"] + 1):
            file.write(bytes(1 << 20))
    return "written"
