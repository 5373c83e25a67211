# Depth-first search prints the length of the first way it finds, not of the shortest one.
import sys

lines = sys.stdin.read().splitlines()
rows, columns = map(int, lines[0].split())
grid = lines[1:rows + 1]
start = next((r, c) for r in range(rows) for c in range(columns) if grid[r][c] == "S")
seen = {start}
stack = [(start, 0)]
answer = -1
while stack:
    (row, column), steps = stack.pop()
    if grid[row][column] == "E":
        answer = steps
        break
    for r, c in ((row - 1, column), (row, column - 1), (row + 1, column), (row, column + 1)):
        if 0 <= r < rows and 0 <= c < columns and grid[r][c] != "#" and (r, c) not in seen:
            seen.add((r, c))
            stack.append(((r, c), steps + 1))
print(answer)
