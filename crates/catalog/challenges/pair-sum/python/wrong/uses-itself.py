# Fills the map first and does not check that the partner is at another position.
def pair_sum(numbers, target):
    positions = {number: i for i, number in enumerate(numbers)}
    for i, number in enumerate(numbers):
        if target - number in positions:
            return sorted([i, positions[target - number]])
    return []
