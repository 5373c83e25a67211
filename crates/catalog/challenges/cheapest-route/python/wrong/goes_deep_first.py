# Follows each cheaper way at once to its end and repeats nearly all the work: exponential time.
import sys

sys.setrecursionlimit(1000000)
numbers = list(map(int, sys.stdin.read().split()))
n, m, start, goal = numbers[:4]
roads = [[] for _ in range(n + 1)]
for i in range(4, 4 + 3 * m, 3):
    a, b, toll = numbers[i:i + 3]
    roads[a].append((b, toll))
    roads[b].append((a, toll))

cost = {}


def visit(town, spent):
    if town in cost and cost[town] <= spent:
        return
    cost[town] = spent
    for neighbour, toll in roads[town]:
        visit(neighbour, spent + toll)


visit(start, 0)
print(cost.get(goal, -1))
