#include <string>
#include <vector>

bool is_balanced(const std::string &text) {
    std::vector<char> open;
    for (const char c : text) {
        if (c == '(') open.push_back(')');
        else if (c == '[') open.push_back(']');
        else if (c == '{') open.push_back('}');
        else if (c == ')' || c == ']' || c == '}') {
            if (open.empty() || open.back() != c) return false;
            open.pop_back();
        }
    }
    return open.empty();
}
