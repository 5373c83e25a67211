"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]


def pairs(numbers, target):
    count = len(numbers)
    return sum(numbers[i] + numbers[j] == target for i in range(count) for j in range(i + 1, count))


while True:
    numbers = [random.randint(-size - 3, size + 3) for _ in range(random.randint(2, 2 + size))]
    target = sum(random.sample(numbers, 2))
    if pairs(numbers, target) == 1:
        break
print(json.dumps([numbers, target]))
