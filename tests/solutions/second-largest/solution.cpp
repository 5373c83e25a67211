#include <optional>
#include <set>
#include <vector>

std::optional<long long> second_largest(const std::vector<long long> &values) {
    const std::set<long long> different(values.begin(), values.end());
    if (different.size() < 2) return std::nullopt;
    return *std::next(different.rbegin());
}
