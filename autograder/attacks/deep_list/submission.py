def answer(a, b):
    value = a + b
    for _ in range(5000):
        value = [value]
    return value
