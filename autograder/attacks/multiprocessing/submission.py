import multiprocessing


def attack(target):
    child = multiprocessing.get_context("fork").Process(target=int)
    child.start()
    child.join()
    return "started"
