# Takes a letter out of the set when it is seen again and puts it back the third time.
def first_unique(text):
    single = set()
    for letter in text:
        if letter in single:
            single.remove(letter)
        else:
            single.add(letter)
    for position, letter in enumerate(text):
        if letter in single:
            return position
    return -1
