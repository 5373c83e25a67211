# reverse=True turns the order of the names around as well.
def top_k_scores(names, scores, count):
    best = {}
    for name, score in zip(names, scores):
        if name not in best or score > best[name]:
            best[name] = score
    pairs = sorted(((score, name) for name, score in best.items()), reverse=True)
    return [name for _, name in pairs[:count]]
