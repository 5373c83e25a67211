def thermostat(reading, low, high):
    """Return "heat", "cool" or "rest".

    reading: int
    low: int
    high: int
    Returns: str
    """
    # Write your solution here.
    return None
