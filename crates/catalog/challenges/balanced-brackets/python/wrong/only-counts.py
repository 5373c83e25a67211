# Compares only how many brackets there are of each kind, not where they are.
def is_balanced(text):
    return all(text.count(a) == text.count(b) for a, b in ["()", "[]", "{}"])
