def use(function):
    return function(lambda: use(function))
