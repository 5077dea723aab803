class Meta(type):
    @property
    def __name__(cls):
        raise KeyboardInterrupt

    def __instancecheck__(cls, instance):
        raise KeyboardInterrupt


class HostileError(Exception, metaclass=Meta):
    pass


def attack(target):
    raise HostileError("text")
