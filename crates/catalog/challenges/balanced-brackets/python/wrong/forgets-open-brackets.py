# Does not check at the end whether some brackets are still open.
def is_balanced(text):
    partner = {")": "(", "]": "[", "}": "{"}
    stack = []
    for char in text:
        if char in "([{":
            stack.append(char)
        elif char in partner:
            if not stack or stack.pop() != partner[char]:
                return False
    return True
