def pair_sum(numbers, target):
    """Return the two positions whose numbers add up to target.

    numbers: list of int
    target: int
    Returns: list of two int, the smaller position first
    """
    # Write your solution here.
    return None
