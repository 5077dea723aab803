input("Password: ")
