# Deletes punctuation instead of separating at it: "don't" becomes "dont".
import string
import sys
from collections import Counter

text = sys.stdin.read().lower()
text = text.translate(str.maketrans("", "", string.punctuation + string.digits))
counts = Counter(text.split())
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    print(word, count)
