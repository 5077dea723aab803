import socket


def attack(target):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(target["stream"])
        return "connected"
