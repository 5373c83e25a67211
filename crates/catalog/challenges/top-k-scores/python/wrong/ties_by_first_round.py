# Sorts by the score only, so equal players stay in the order of their first round.
def top_k_scores(names, scores, count):
    best = {}
    for name, score in zip(names, scores):
        if name not in best or score > best[name]:
            best[name] = score
    return sorted(best, key=best.get, reverse=True)[:count]
