# Picks digits out of the printed list, so minus signs are lost.
import re


def flatten(items):
    return [int(digits) for digits in re.findall(r"\d+", str(items))]
