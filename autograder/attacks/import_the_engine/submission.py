import sys


def attack(target):
    sys.path.insert(0, target["checkout"])
    for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
        del sys.modules[name]
    import autograder.records

    return autograder.records.__file__
