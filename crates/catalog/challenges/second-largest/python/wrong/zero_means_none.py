# Tests the truth of the number, so the answer 0 is taken for "no answer".
def second_largest(values):
    ordered = sorted(set(values))
    second = ordered[-2] if len(ordered) > 1 else None
    if not second:
        return None
    return second
