import threading


def attack(target):
    for _ in range(20):
        threading.Thread(target=int).start()
    return "threads"
