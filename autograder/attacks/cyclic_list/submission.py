def answer(a, b):
    value = [a + b]
    value.append(value)
    return value
