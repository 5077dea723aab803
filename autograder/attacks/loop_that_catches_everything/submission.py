import contextlib


def attack(target):
    while True:
        with contextlib.suppress(BaseException):
            while True:
                pass
