# Leaves the marks of a queen behind when it tries the next column.
def queens_count(size, worn):
    blocked = {tuple(square) for square in worn}
    columns = set()
    falling = set()
    rising = set()

    def ways(row):
        if row == size:
            return 1
        total = 0
        for column in range(size):
            if (row, column) in blocked or column in columns:
                continue
            if row - column in falling or row + column in rising:
                continue
            columns.add(column)
            falling.add(row - column)
            rising.add(row + column)
            total += ways(row + 1)
        return total

    return ways(0)
