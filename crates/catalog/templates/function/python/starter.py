def even_sum(numbers):
    pass
