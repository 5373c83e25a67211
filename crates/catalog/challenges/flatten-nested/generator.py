"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]


def items(depth):
    return [item(depth) for _ in range(random.randint(0, 1 + size // 3))]


def item(depth):
    if depth < 4 and random.random() < 0.5:
        return items(depth + 1)
    return random.randint(-3, 9)


print(json.dumps([items(1)]))
