# Uses <= and >=, so that the bounds themselves are not comfortable.
def thermostat(reading, low, high):
    if reading <= low:
        return "heat"
    if reading >= high:
        return "cool"
    return "rest"
