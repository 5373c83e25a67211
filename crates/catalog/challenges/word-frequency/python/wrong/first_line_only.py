# input() reads one line; the other lines are never counted.
import re
from collections import Counter

try:
    text = input()
except EOFError:
    text = ""
counts = Counter(re.findall(r"[a-z]+", text.lower()))
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    print(word, count)
