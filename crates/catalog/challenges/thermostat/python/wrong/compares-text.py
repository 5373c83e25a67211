# Compares the numbers as texts, where "95" comes after "100".
def thermostat(reading, low, high):
    if str(reading) < str(low):
        return "heat"
    if str(reading) > str(high):
        return "cool"
    return "rest"
