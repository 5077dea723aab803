import sys


class Hostile:
    def write(self, text):
        raise KeyboardInterrupt

    flush = write


sys.stdout = sys.stderr = Hostile()


def answer(a, b):
    return -1.0
