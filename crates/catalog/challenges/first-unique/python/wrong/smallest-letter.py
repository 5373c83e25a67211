# Finds the first unique letter of the alphabet instead of the first one in the text.
def first_unique(text):
    for letter in sorted(set(text)):
        if text.count(letter) == 1:
            return text.index(letter)
    return -1
