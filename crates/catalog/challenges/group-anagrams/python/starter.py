def group_anagrams(words):
    """Return the groups of anagrams in the order of their first words.

    words: list of str
    Returns: list of lists of str
    """
    # Write your solution here.
    return None
