# Leaves out everything that counts as false: empty lists, but also the number 0.
def flatten(items):
    flat = []
    for item in items:
        if not item:
            continue
        if isinstance(item, list):
            flat += flatten(item)
        else:
            flat.append(item)
    return flat
