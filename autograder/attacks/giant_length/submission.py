import os
import struct


def attack(target):
    os.write(3, struct.pack("<Q", 1 << 60) + b"x" * 100)
