def pair_sum(numbers, target):
    seen = {}
    for position, number in enumerate(numbers):
        partner = target - number
        if partner in seen:
            return [seen[partner], position]
        seen[number] = position
    return []
