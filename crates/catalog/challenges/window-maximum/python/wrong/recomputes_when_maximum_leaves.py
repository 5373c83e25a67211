# Looks at the whole window whenever the maximum leaves it, which may be in every step.
def window_maximum(readings, size):
    highest = max(readings[:size])
    result = [highest]
    for end in range(size, len(readings)):
        if readings[end] >= highest:
            highest = readings[end]
        elif readings[end - size] == highest:
            highest = max(readings[end - size + 1:end + 1])
        result.append(highest)
    return result
