print("plant-model")
