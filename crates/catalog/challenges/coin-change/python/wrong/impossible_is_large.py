# Returns the table's stand-in for "not possible" instead of -1.
def coin_change(coins, amount):
    impossible = amount + 1
    fewest = [0] + [impossible] * amount
    for value in range(1, amount + 1):
        for coin in coins:
            if coin <= value:
                fewest[value] = min(fewest[value], fewest[value - coin] + 1)
    return fewest[amount]
