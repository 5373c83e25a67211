def digit_sum(n):
    total = 0
    while n > 0:
        n, digit = divmod(n, 10)
        total += digit
    return total


def digital_root(n):
    if n < 10:
        return n
    return digital_root(digit_sum(n))
