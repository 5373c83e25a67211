# range() ends before its second number, so that the upper bound is not comfortable.
def thermostat(reading, low, high):
    if reading in range(low, high):
        return "rest"
    return "heat" if reading < low else "cool"
