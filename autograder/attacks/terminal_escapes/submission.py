def attack(target):
    print("\x1b]0;owned\x07\x1b[2J<script>alert(1)</script>")
