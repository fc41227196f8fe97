print("headsteer")
