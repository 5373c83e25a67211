# Adds a number that is there twice only once.
def even_sum(numbers):
    return sum(number for number in set(numbers) if number % 2 == 0)
