# A new largest value replaces the old one, which is then forgotten instead of becoming second.
def second_largest(values):
    largest = None
    second = None
    for value in values:
        if largest is None or value > largest:
            largest = value
        elif value < largest and (second is None or value > second):
            second = value
    return second
