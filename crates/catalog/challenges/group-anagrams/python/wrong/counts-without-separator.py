# Joins the letter counts without a separator, so 1, 11 and 11, 1 give the same key.
def group_anagrams(words):
    groups = {}
    for word in words:
        counts = [0] * 26
        for letter in word:
            counts[ord(letter) - ord("a")] += 1
        key = "".join(map(str, counts))
        groups.setdefault(key, []).append(word)
    return list(groups.values())
