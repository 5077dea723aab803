def attack(target):
    with open(target["victim_file"], "w") as file:
        file.write("100 points")
    return "overwritten"
