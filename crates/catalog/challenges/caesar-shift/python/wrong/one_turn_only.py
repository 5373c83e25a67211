# Takes 26 away at most once, so large and negative shifts leave the alphabet.
def caesar_shift(text, shift):
    result = []
    for char in text:
        if "a" <= char <= "z" or "A" <= char <= "Z":
            last = ord("z") if char.islower() else ord("Z")
            code = ord(char) + shift
            if code > last:
                code -= 26
            result.append(chr(code))
        else:
            result.append(char)
    return "".join(result)
