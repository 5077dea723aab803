import socket


def attack(target):
    mine, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return mine.sendto(b"to the system log", target["datagram"])
