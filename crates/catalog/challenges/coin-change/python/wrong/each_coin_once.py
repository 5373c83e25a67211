# Runs through the amounts from high to low, so each coin can be used only once.
import math


def coin_change(coins, amount):
    fewest = [0] + [math.inf] * amount
    for coin in coins:
        for value in range(amount, coin - 1, -1):
            fewest[value] = min(fewest[value], fewest[value - coin] + 1)
    return -1 if fewest[amount] == math.inf else fewest[amount]
