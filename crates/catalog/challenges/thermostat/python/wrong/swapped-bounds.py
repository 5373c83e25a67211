# Compares with the other bound each time, so that a comfortable reading is heated.
def thermostat(reading, low, high):
    if reading < high:
        return "heat"
    if reading > low:
        return "cool"
    return "rest"
