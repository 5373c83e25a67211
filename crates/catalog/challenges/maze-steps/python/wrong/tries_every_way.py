# Follows every way through the maze; in an open field there are exponentially many.
import sys

sys.setrecursionlimit(100000)
lines = sys.stdin.read().splitlines()
rows, columns = map(int, lines[0].split())
grid = lines[1:rows + 1]
visited = [[False] * columns for _ in range(rows)]


def search(row, column):
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    if grid[row][column] == "#" or visited[row][column]:
        return None
    if grid[row][column] == "E":
        return 0
    visited[row][column] = True
    found = [
        search(row + 1, column),
        search(row - 1, column),
        search(row, column + 1),
        search(row, column - 1),
    ]
    visited[row][column] = False
    reached = [steps for steps in found if steps is not None]
    return min(reached) + 1 if reached else None


for r in range(rows):
    for c in range(columns):
        if grid[r][c] == "S":
            answer = search(r, c)
            print(-1 if answer is None else answer)
