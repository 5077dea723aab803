def attack(target):
    return [bytearray(8 << 20) for _ in range(target["memory_mb"] // 8 + 20)] and "taken"
