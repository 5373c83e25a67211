import sys

numbers = list(map(int, sys.stdin.read().split()))
n, m, start, goal = numbers[:4]
roads = [tuple(numbers[i:i + 3]) for i in range(4, 4 + 3 * m, 3)]

# Print the smallest sum of tolls from start to goal, or -1.
