# Accepts only pieces made of digits, so negative amounts are left out.
import sys

lines = sys.stdin.read().splitlines()
total = 0
for line in lines[1:int(lines[0]) + 1]:
    amount = sum(int(word) for word in line.split() if word.isdigit())
    print(amount)
    total += amount
print("total", total)
