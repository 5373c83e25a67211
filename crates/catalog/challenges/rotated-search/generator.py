"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]

count = random.randint(0, size)
values = sorted(random.sample(range(-5, 3 * size + 5), count))
turn = random.randint(0, count)
values = values[turn:] + values[:turn]
target = random.choice(values + [random.randint(-6, 3 * size + 6)])
print(json.dumps([values, target]))
