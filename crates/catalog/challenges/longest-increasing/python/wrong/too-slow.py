# Compares each value with all values before it, which takes quadratic time.
def longest_increasing(values):
    lengths = []
    for i, value in enumerate(values):
        longest = 0
        for j in range(i):
            if values[j] < value and lengths[j] > longest:
                longest = lengths[j]
        lengths.append(longest + 1)
    return max(lengths, default=0)
