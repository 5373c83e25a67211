# Adds up the digits only once, so the result can have more than one digit.
def digital_root(n):
    return sum(int(digit) for digit in str(n))
