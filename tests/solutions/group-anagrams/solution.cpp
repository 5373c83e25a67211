#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

std::vector<std::vector<std::string>> group_anagrams(const std::vector<std::string> &words) {
    std::unordered_map<std::string, std::size_t> places;
    std::vector<std::vector<std::string>> groups;
    for (const std::string &word : words) {
        std::string key = word;
        std::sort(key.begin(), key.end());
        const auto [place, is_new] = places.emplace(key, groups.size());
        if (is_new) groups.emplace_back();
        groups[place->second].push_back(word);
    }
    return groups;
}
