#include <algorithm>
#include <string>

std::string run_length(const std::string &text) {
    std::string packed;
    for (std::size_t from = 0, to; from < text.size(); from = to) {
        to = std::min(text.find_first_not_of(text[from], from), text.size());
        packed += text[from];
        if (to - from > 1) packed += std::to_string(to - from);
    }
    return packed;
}
