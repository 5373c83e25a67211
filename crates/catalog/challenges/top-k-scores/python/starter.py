def top_k_scores(names, scores, count):
    """Return the names of the best players, the best one first.

    names: list[str]
    scores: list[int]
    count: int
    returns: list[str]
    """
    pass
