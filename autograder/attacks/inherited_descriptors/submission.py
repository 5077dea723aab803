import contextlib
import os
import stat


def attack(target):
    found = []
    for number in range(3, 256):
        with contextlib.suppress(OSError):
            mode = os.fstat(number).st_mode
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                found.append(number)
    return found
