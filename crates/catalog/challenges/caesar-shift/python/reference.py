from string import ascii_lowercase, ascii_uppercase


def caesar_shift(text, shift):
    """Return the text with each letter moved forward by shift places."""
    places = shift % 26
    table = {}
    for alphabet in (ascii_lowercase, ascii_uppercase):
        turned = alphabet[places:] + alphabet[:places]
        table.update(str.maketrans(alphabet, turned))
    return text.translate(table)
