# Always takes the largest coin that fits, which is not always best.
def coin_change(coins, amount):
    used = 0
    for coin in sorted(coins, reverse=True):
        used += amount // coin
        amount %= coin
    return used if amount == 0 else -1
