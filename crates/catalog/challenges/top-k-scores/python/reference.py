from heapq import nsmallest


def top_k_scores(names, scores, count):
    """Return the names of the best players, the best one first."""
    best = {}
    for name, score in zip(names, scores):
        if name not in best or score > best[name]:
            best[name] = score
    return nsmallest(count, best, key=lambda name: (-best[name], name))
