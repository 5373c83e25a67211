# Keeps one depth for each kind, so brackets of different kinds may cross.
def is_balanced(text):
    depth = {"(": 0, "[": 0, "{": 0}
    partner = {")": "(", "]": "[", "}": "{"}
    for char in text:
        if char in depth:
            depth[char] += 1
        elif char in partner:
            depth[partner[char]] -= 1
            if depth[partner[char]] < 0:
                return False
    return all(value == 0 for value in depth.values())
