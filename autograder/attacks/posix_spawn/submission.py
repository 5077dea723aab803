import os


def attack(target):
    child = os.posix_spawn("/bin/true", ["true"], {})
    return os.waitpid(child, 0)[1] == 0
