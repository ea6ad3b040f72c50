print("longwave")
