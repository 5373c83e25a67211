# Finds the way with the fewest roads and adds up its tolls.
import sys
from collections import deque

numbers = list(map(int, sys.stdin.read().split()))
n, m, start, goal = numbers[:4]
roads = [[] for _ in range(n + 1)]
for i in range(4, 4 + 3 * m, 3):
    a, b, toll = numbers[i:i + 3]
    roads[a].append((b, toll))
    roads[b].append((a, toll))

cost = {start: 0}
queue = deque([start])
while queue:
    town = queue.popleft()
    for neighbour, toll in roads[town]:
        if neighbour not in cost:
            cost[neighbour] = cost[town] + toll
            queue.append(neighbour)
print(cost.get(goal, -1))
