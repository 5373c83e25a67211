# Looks at every reading of every window: too slow for long lists.
def window_maximum(readings, size):
    return [
        max(readings[start:start + size]) for start in range(len(readings) - size + 1)
    ]
