import sys

lines = sys.stdin.read().splitlines()

# lines[0] is the number of customers as text, lines[1] the first customer's line.
# Write your solution here and print the results.
