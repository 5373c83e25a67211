def window_maximum(readings, size):
    """Return the maximum of each window of size neighbouring readings.

    readings: list[int]
    size: int
    returns: list[int]
    """
    pass
