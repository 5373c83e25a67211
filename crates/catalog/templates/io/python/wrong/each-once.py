# Adds a number that is there twice only once.
numbers = {int(word) for word in input().split()}
print(sum(number for number in numbers if number % 2 == 0))
