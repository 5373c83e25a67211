# Takes equal bounds for bounds that are not set, and does nothing then.
def thermostat(reading, low, high):
    if low == high:
        return "rest"
    if reading < low:
        return "heat"
    return "cool" if reading > high else "rest"
