#include <iostream>
#include <sstream>
#include <string>

int main() {
    std::string line;
    std::getline(std::cin, line);
    long long total = 0;
    for (long count = std::stol(line); count > 0 && std::getline(std::cin, line); --count) {
        std::istringstream amounts(line);
        long long sum = 0;
        for (long long amount; amounts >> amount;) sum += amount;
        std::cout << sum << '\n';
        total += sum;
    }
    std::cout << "total " << total << '\n';
}
