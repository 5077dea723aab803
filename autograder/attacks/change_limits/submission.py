import resource


def attack(target):
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    return "changed"
