# Counts squares that touch at a corner as connected.
def count_islands(grid):
    land = {(r, c) for r, row in enumerate(grid) for c, s in enumerate(row) if s == "#"}
    islands = 0
    while land:
        islands += 1
        to_visit = [land.pop()]
        while to_visit:
            r, c = to_visit.pop()
            for dr in (-1, 0, 1):
                for dc in (-1, 0, 1):
                    neighbour = (r + dr, c + dc)
                    if neighbour in land:
                        land.remove(neighbour)
                        to_visit.append(neighbour)
    return islands
