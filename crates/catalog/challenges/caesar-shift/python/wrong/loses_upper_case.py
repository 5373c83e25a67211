# Turns the text into lower case first and never turns it back.
def caesar_shift(text, shift):
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    result = ""
    for char in text.lower():
        if char in alphabet:
            result += alphabet[(alphabet.index(char) + shift) % 26]
        else:
            result += char
    return result
