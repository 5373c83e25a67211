# Heats whenever it freezes, whatever the bounds are.
def thermostat(reading, low, high):
    if reading < low or reading < 0:
        return "heat"
    if reading > high:
        return "cool"
    return "rest"
