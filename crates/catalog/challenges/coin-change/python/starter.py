def coin_change(coins, amount):
    """Return the smallest number of coins that add up to amount, or -1.

    coins: list[int]
    amount: int
    returns: int
    """
    pass
