PARTNER = {")": "(", "]": "[", "}": "{"}


def is_balanced(text):
    still_open = []
    for char in text:
        if char in "([{":
            still_open.append(char)
        elif char in PARTNER:
            if not still_open or still_open.pop() != PARTNER[char]:
                return False
    return not still_open
