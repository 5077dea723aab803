import socket


def attack(target):
    with socket.create_connection(("127.0.0.1", target["port"]), timeout=2):
        return "connected"
