# Keeps the visited squares in a list, so every check walks through the whole list.
def count_islands(grid):
    visited = []
    islands = 0
    for r in range(len(grid)):
        for c in range(len(grid[r])):
            if grid[r][c] != "#" or (r, c) in visited:
                continue
            islands += 1
            visited.append((r, c))
            to_visit = [(r, c)]
            while to_visit:
                i, j = to_visit.pop()
                for y, x in ((i - 1, j), (i + 1, j), (i, j - 1), (i, j + 1)):
                    if not (0 <= y < len(grid) and 0 <= x < len(grid[y])):
                        continue
                    if grid[y][x] == "#" and (y, x) not in visited:
                        visited.append((y, x))
                        to_visit.append((y, x))
    return islands
