import sys

text = sys.stdin.read()

# Count the words of the text and print them, the most frequent first.
