def flatten(items):
    flat = []

    def unpack(part):
        for item in part:
            if isinstance(item, list):
                unpack(item)
            else:
                flat.append(item)

    unpack(items)
    return flat
