# Uses the set of letters as the key, so it does not matter how often a letter occurs.
def group_anagrams(words):
    groups = {}
    for word in words:
        groups.setdefault(frozenset(word), []).append(word)
    return list(groups.values())
