# Sorts without removing duplicates, so a shared first place also takes the second.
def second_largest(values):
    if len(values) < 2:
        return None
    return sorted(values)[-2]
