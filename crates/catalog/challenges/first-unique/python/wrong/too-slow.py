# Counts the whole text again at every position, which takes quadratic time.
def first_unique(text):
    for position in range(len(text)):
        count = 0
        for letter in text:
            if letter == text[position]:
                count += 1
        if count == 1:
            return position
    return -1
