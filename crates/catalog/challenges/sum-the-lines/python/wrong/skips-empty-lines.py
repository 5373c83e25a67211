# Skips empty lines instead of writing 0 for them.
import sys

lines = [line for line in sys.stdin.read().splitlines() if line.strip()]
total = 0
for line in lines[1:]:
    amount = sum(int(word) for word in line.split())
    print(amount)
    total += amount
print("total", total)
