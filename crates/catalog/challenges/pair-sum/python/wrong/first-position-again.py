# Looks both positions up with index(), which finds the first copy twice for equal numbers.
def pair_sum(numbers, target):
    seen = set()
    for number in numbers:
        if target - number in seen:
            return sorted([numbers.index(target - number), numbers.index(number)])
        seen.add(number)
    return []
