# A later round replaces an earlier one even if its score is lower.
def top_k_scores(names, scores, count):
    best = dict(zip(names, scores))
    return sorted(best, key=lambda name: (-best[name], name))[:count]
