"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]

rows = random.randint(1, 2 + size // 3)
columns = random.randint(2 if rows == 1 else 1, 3 + size // 3)
squares = [random.choice("..#") for _ in range(rows * columns)]
start, end = random.sample(range(rows * columns), 2)
squares[start], squares[end] = "S", "E"
print(rows, columns)
for row in range(rows):
    print("".join(squares[row * columns:(row + 1) * columns]))
