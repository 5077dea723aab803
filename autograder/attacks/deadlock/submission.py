import threading


def attack(target):
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
