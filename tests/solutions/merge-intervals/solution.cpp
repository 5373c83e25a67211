#include <algorithm>
#include <vector>

std::vector<std::vector<long long>> merge_intervals(const std::vector<std::vector<long long>> &intervals) {
    auto sorted = intervals;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::vector<long long>> merged;
    for (const auto &interval : sorted) {
        if (!merged.empty() && interval[0] <= merged.back()[1]) {
            merged.back()[1] = std::max(merged.back()[1], interval[1]);
        } else {
            merged.push_back(interval);
        }
    }
    return merged;
}
