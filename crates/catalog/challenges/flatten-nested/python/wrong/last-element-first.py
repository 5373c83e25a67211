# Takes elements from the end of a stack and does not turn the result around.
def flatten(items):
    stack = list(items)
    flat = []
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        else:
            flat.append(item)
    return flat
