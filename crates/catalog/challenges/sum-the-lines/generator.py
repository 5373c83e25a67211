"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]


def line():
    amounts = [str(random.randint(-20, 99)) for _ in range(random.randint(0, 1 + size // 3))]
    spaces = random.choice(["", "", "", " "])
    return spaces + random.choice([" ", " ", "  "]).join(amounts) + spaces


lines = [line() for _ in range(random.randint(0, 1 + size // 2))]
print(len(lines))
for text in lines:
    print(text)
