import subprocess


def attack(target):
    said = subprocess.run([target["set_user"], "-u"], capture_output=True).stdout
    return said.strip() == b"0"
