import sys


def main():
    lines = sys.stdin.read().splitlines()
    count = int(lines[0])
    sums = [sum(map(int, line.split())) for line in lines[1:count + 1]]
    for amount in sums:
        print(amount)
    print("total", sum(sums))


main()
