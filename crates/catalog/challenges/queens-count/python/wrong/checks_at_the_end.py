# Builds every order of the columns and checks the diagonals only at the end.
from itertools import permutations


def queens_count(size, worn):
    blocked = {tuple(square) for square in worn}
    total = 0
    for columns in permutations(range(size)):
        falling = {row - column for row, column in enumerate(columns)}
        rising = {row + column for row, column in enumerate(columns)}
        if len(falling) == size and len(rising) == size:
            if not any(square in blocked for square in enumerate(columns)):
                total += 1
    return total
