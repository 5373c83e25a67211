# Looks at the first letter without asking whether there is one.
def run_length(text):
    result = ""
    current = text[0]
    count = 0
    for letter in text + " ":
        if letter == current:
            count += 1
        else:
            result += current + (str(count) if count > 1 else "")
            current = letter
            count = 1
    return result
