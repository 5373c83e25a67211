"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]

towns = random.randint(1, 2 + size // 2)
roads = [
    (random.randint(1, towns), random.randint(1, towns), random.choice([0, 1, 2, 3, 5, 9]))
    for _ in range(random.randint(0, size + 1))
]
print(towns, len(roads))
print(random.randint(1, towns), random.randint(1, towns))
for road in roads:
    print(*road)
