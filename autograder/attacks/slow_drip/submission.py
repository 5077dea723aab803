import os
import struct
import time


def attack(target):
    os.write(3, struct.pack("<Q", 1000))
    while True:
        os.write(3, b"T")
        time.sleep(0.05)
