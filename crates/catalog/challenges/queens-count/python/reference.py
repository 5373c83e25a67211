def queens_count(size, worn):
    """Return the number of ways to place size queens on the board."""
    free = [(1 << size) - 1] * size
    for row, column in worn:
        free[row] &= ~(1 << column)

    def ways(row, columns, falling, rising):
        if row == size:
            return 1
        total = 0
        choices = free[row] & ~(columns | falling | rising)
        while choices:
            square = choices & -choices
            choices ^= square
            total += ways(
                row + 1,
                columns | square,
                (falling | square) << 1,
                (rising | square) >> 1,
            )
        return total

    return ways(0, 0, 0, 0)
