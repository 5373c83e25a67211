import sys

lines = sys.stdin.read().splitlines()
rows, columns = map(int, lines[0].split())
grid = lines[1:rows + 1]

# Print the smallest number of steps from S to E, or -1.
