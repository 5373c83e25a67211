import math
import sys
from heapq import heappop, heappush


def cheapest(roads, start, goal):
    cost = [math.inf] * len(roads)
    cost[start] = 0
    heap = [(0, start)]
    while heap:
        spent, town = heappop(heap)
        if town == goal:
            return spent
        if spent > cost[town]:
            continue
        for neighbour, toll in roads[town]:
            if spent + toll < cost[neighbour]:
                cost[neighbour] = spent + toll
                heappush(heap, (spent + toll, neighbour))
    return -1


def main():
    numbers = map(int, sys.stdin.read().split())
    n, m, start, goal = (next(numbers) for _ in range(4))
    roads = [[] for _ in range(n + 1)]
    for _ in range(m):
        a, b, toll = next(numbers), next(numbers), next(numbers)
        roads[a].append((b, toll))
        roads[b].append((a, toll))
    print(cheapest(roads, start, goal))


main()
