# Every player starts with 0, which is better than any negative score.
from collections import defaultdict


def top_k_scores(names, scores, count):
    best = defaultdict(int)
    for name, score in zip(names, scores):
        best[name] = max(best[name], score)
    return sorted(best, key=lambda name: (-best[name], name))[:count]
