def merge_intervals(intervals):
    """Return the merged intervals, sorted by start.

    intervals: list of [start, end] pairs of int
    Returns: list of [start, end] pairs of int
    """
    # Write your solution here.
    return None
