import socket


def attack(target):
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0):
        return "a socket"
