# Starts the search for an overlapping pair all over after every merge, which takes cubic time.
def merge_intervals(intervals):
    blocks = [list(interval) for interval in intervals]

    def merge_one_pair():
        for i in range(len(blocks)):
            for j in range(i + 1, len(blocks)):
                a, b = blocks[i], blocks[j]
                if a[0] <= b[1] and b[0] <= a[1]:
                    blocks[i] = [min(a[0], b[0]), max(a[1], b[1])]
                    del blocks[j]
                    return True
        return False

    while merge_one_pair():
        pass
    return sorted(blocks)
