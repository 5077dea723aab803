import subprocess


def attack(target):
    return subprocess.run(["/bin/echo", "hello"], capture_output=True).stdout
