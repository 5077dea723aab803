import socket


def attack(target):
    with socket.socket(socket.AF_UNIX) as mine:
        mine.bind("here")
    return "a socket"
