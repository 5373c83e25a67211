# most_common() keeps words with equal counts in the order of their first use.
import re
import sys
from collections import Counter

counts = Counter(re.findall(r"[a-z]+", sys.stdin.read().lower()))
for word, count in counts.most_common():
    print(word, count)
