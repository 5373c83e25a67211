# Writes a run only when a different letter follows, so the last run is lost.
def run_length(text):
    result = ""
    count = 1
    for i in range(1, len(text)):
        if text[i] == text[i - 1]:
            count += 1
        else:
            result += text[i - 1] + (str(count) if count > 1 else "")
            count = 1
    return result
