# Checks the falling diagonals but forgets the rising ones.
def queens_count(size, worn):
    blocked = {tuple(square) for square in worn}
    columns = set()
    diagonals = set()

    def ways(row):
        if row == size:
            return 1
        total = 0
        for column in range(size):
            if (row, column) in blocked or column in columns or row - column in diagonals:
                continue
            columns.add(column)
            diagonals.add(row - column)
            total += ways(row + 1)
            columns.remove(column)
            diagonals.remove(row - column)
        return total

    return ways(0)
