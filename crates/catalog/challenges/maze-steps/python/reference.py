import sys
from collections import deque


def fewest_steps(grid):
    rows, columns = len(grid), len(grid[0])
    start = next(
        (row, line.index("S")) for row, line in enumerate(grid) if "S" in line
    )
    seen = [[False] * columns for _ in range(rows)]
    seen[start[0]][start[1]] = True
    queue = deque([(*start, 0)])
    while queue:
        row, column, steps = queue.popleft()
        if grid[row][column] == "E":
            return steps
        for r, c in (
            (row - 1, column),
            (row + 1, column),
            (row, column - 1),
            (row, column + 1),
        ):
            if 0 <= r < rows and 0 <= c < columns:
                if grid[r][c] != "#" and not seen[r][c]:
                    seen[r][c] = True
                    queue.append((r, c, steps + 1))
    return -1


def main():
    lines = sys.stdin.read().splitlines()
    rows, _ = map(int, lines[0].split())
    print(fewest_steps(lines[1:rows + 1]))


main()
