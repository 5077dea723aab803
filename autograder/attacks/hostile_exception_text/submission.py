class HostileError(Exception):
    def __str__(self):
        raise SystemExit(0)

    __repr__ = __str__


def attack(target):
    raise HostileError
