def thermostat(reading, low, high):
    if reading < low:
        return "heat"
    if reading > high:
        return "cool"
    return "rest"
