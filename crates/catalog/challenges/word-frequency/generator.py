"""Writes one input of this challenge for a seed and a size, small for small sizes."""

import json
import random
import sys

asked = json.load(sys.stdin)
random.seed(asked["seed"])
size = asked["size"]

words = ["a", "b", "A", "sea", "Sea", "the"]
signs = [" ", " ", ", ", "-", "'", "2", ".\n", "\n"]
text = ""
for _ in range(random.randint(0, size)):
    text += random.choice(words) + random.choice(signs)
print(text)
