# Fixes the cost of a town when it enters the heap, so a cheaper detour comes too late.
import sys
from heapq import heappop, heappush

numbers = list(map(int, sys.stdin.read().split()))
n, m, start, goal = numbers[:4]
roads = [[] for _ in range(n + 1)]
for i in range(4, 4 + 3 * m, 3):
    a, b, toll = numbers[i:i + 3]
    roads[a].append((b, toll))
    roads[b].append((a, toll))

cost = {start: 0}
heap = [(0, start)]
while heap:
    spent, town = heappop(heap)
    for neighbour, toll in roads[town]:
        if neighbour not in cost:
            cost[neighbour] = spent + toll
            heappush(heap, (spent + toll, neighbour))
print(cost.get(goal, -1))
