def use(function):
    while True:
        function(lambda: 0)
