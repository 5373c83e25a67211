numbers = [int(word) for word in input().split()]
print(sum(number for number in numbers if number % 2 == 0))
