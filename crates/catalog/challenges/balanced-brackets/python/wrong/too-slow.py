# Removes innermost pairs again and again, which takes quadratic time for deep nesting.
def is_balanced(text):
    text = "".join(char for char in text if char in "()[]{}")
    previous = None
    while text != previous:
        previous = text
        text = text.replace("()", "").replace("[]", "").replace("{}", "")
    return text == ""
