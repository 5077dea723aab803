def attack(target):
    raise BaseExceptionGroup("many", [KeyboardInterrupt(), SystemExit(0)])
