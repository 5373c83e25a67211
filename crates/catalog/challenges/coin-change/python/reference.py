import math


def coin_change(coins, amount):
    """Return the smallest number of coins that add up to amount, or -1."""
    fewest = [0] + [math.inf] * amount
    for coin in coins:
        for value in range(coin, amount + 1):
            if fewest[value - coin] + 1 < fewest[value]:
                fewest[value] = fewest[value - coin] + 1
    return -1 if fewest[amount] == math.inf else fewest[amount]
