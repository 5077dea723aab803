def answer(a, b):
    return "\ud800"
