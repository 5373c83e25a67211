def count_islands(grid):
    land = {
        (r, c)
        for r, row in enumerate(grid)
        for c, square in enumerate(row)
        if square == "#"
    }
    islands = 0
    while land:
        islands += 1
        to_visit = [land.pop()]
        while to_visit:
            r, c = to_visit.pop()
            for neighbour in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
                if neighbour in land:
                    land.remove(neighbour)
                    to_visit.append(neighbour)
    return islands
