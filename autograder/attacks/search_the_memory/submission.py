import gc
import sys


def attack(target):
    frame, things = sys._getframe().f_back, [thing for thing in gc.get_objects() if type(thing) is dict]
    while frame is not None:
        things.append(frame.f_locals)
        frame = frame.f_back
    texts = [value for thing in things for value in thing.values() if type(value) is str]
    return [text for text in texts if text.startswith("canary-")]
