// Reads a function's arguments and writes what it returns. What is written is not trusted.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <unistd.h>
#include <unordered_map>
#include <utility>
#include <vector>

namespace judge {

// Where there is no descriptor of its own for the answer: what stands before it on standard output.
inline std::string before;

inline void mark() {
  std::getline(std::cin, before);
  before = "\n" + before;
}

[[noreturn]] inline void end(const std::string &answer, int code) {
  std::cout.flush();
  std::fflush(nullptr);
  const std::string text = before + answer;
  for (std::size_t at = 0; at < text.size();) {
    const auto wrote = ::write(before.empty() ? 3 : 1, text.data() + at, text.size() - at);
    if (wrote <= 0) break;
    at += static_cast<std::size_t>(wrote);
  }
  ::_exit(code);
}

[[noreturn]] inline void fail(const char *message) {
  end(std::string("{\"error\":\"value\",\"message\":\"") + message + "\"}", 1);
}

class In {
public:
  In() : text_(std::istreambuf_iterator<char>(std::cin), {}) {}

  void expect(char c) {
    if (!take(c)) fail("the arguments are not of the declared types");
  }

  void read(bool &value) {
    space();
    if (text_.compare(at_, 4, "true") == 0) value = true, at_ += 4;
    else if (text_.compare(at_, 5, "false") == 0) value = false, at_ += 5;
    else expect('t');
  }

  template <class T> std::enable_if_t<std::is_arithmetic_v<T>> read(T &value) {
    space();
    char *end = nullptr;
    const char *from = text_.c_str() + at_;
    if constexpr (std::is_integral_v<T>) value = static_cast<T>(std::strtoll(from, &end, 10));
    else value = static_cast<T>(std::strtod(from, &end));
    if (end == from) expect('0');
    at_ += static_cast<std::size_t>(end - from);
  }

  void read(std::string &value) {
    expect('"');
    value.clear();
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_++];
      if (c == '\\') escape(value);
      else value += c;
    }
    expect('"');
  }

  template <class T> void read(std::vector<T> &value) {
    expect('[');
    value.clear();
    if (take(']')) return;
    do {
      T item{};
      read(item);
      value.push_back(std::move(item));
    } while (take(','));
    expect(']');
  }

  template <class T> void read(std::optional<T> &value) {
    space();
    if (text_.compare(at_, 4, "null") == 0) {
      at_ += 4;
      value.reset();
    } else {
      T item{};
      read(item);
      value = std::move(item);
    }
  }

  template <class T> void read(std::map<std::string, T> &value) {
    expect('{');
    value.clear();
    if (take('}')) return;
    do {
      std::string key;
      read(key);
      expect(':');
      read(value[key]);
    } while (take(','));
    expect('}');
  }

private:
  void space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
  }

  bool take(char c) {
    space();
    const bool is_there = at_ < text_.size() && text_[at_] == c;
    at_ += is_there;
    return is_there;
  }

  unsigned unit() {
    unsigned value = static_cast<unsigned>(std::strtoul(text_.substr(at_, 4).c_str(), nullptr, 16));
    at_ += 4;
    return value;
  }

  void escape(std::string &value) {
    const char c = at_ < text_.size() ? text_[at_++] : '"';
    switch (c) {
    case 'b': value += '\b'; return;
    case 'f': value += '\f'; return;
    case 'n': value += '\n'; return;
    case 'r': value += '\r'; return;
    case 't': value += '\t'; return;
    case 'u': break;
    default: value += c; return;
    }
    unsigned point = unit();
    if (point >= 0xd800 && point < 0xdc00 && text_.compare(at_, 2, "\\u") == 0) {
      at_ += 2;
      point = 0x10000 + ((point - 0xd800) << 10) + (unit() - 0xdc00);
    }
    if (point < 0x80) value += static_cast<char>(point);
    else if (point < 0x800) value += {static_cast<char>(0xc0 | point >> 6), static_cast<char>(0x80 | (point & 63))};
    else if (point < 0x10000)
      value += {static_cast<char>(0xe0 | point >> 12), static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))};
    else
      value += {static_cast<char>(0xf0 | point >> 18), static_cast<char>(0x80 | (point >> 12 & 63)),
                static_cast<char>(0x80 | (point >> 6 & 63)), static_cast<char>(0x80 | (point & 63))};
  }

  std::string text_;
  std::size_t at_ = 0;
};

inline void write(std::string &out, bool value) { out += value ? "true" : "false"; }

template <class T> std::enable_if_t<std::is_arithmetic_v<T>> write(std::string &out, T value) {
  if constexpr (std::is_same_v<T, char>) {
    out += '"';
    if (value == '"' || value == '\\') out += '\\';
    out += value;
    out += '"';
  } else if constexpr (std::is_integral_v<T>) {
    out += std::to_string(value);
  } else {
    if (!std::isfinite(value)) fail("NaN and infinity have no JSON form");
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", static_cast<double>(value));
    out += text;
  }
}

inline void write(std::string &out, const std::string &value) {
  out += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20) {
      char text[8];
      std::snprintf(text, sizeof text, "\\u%04x", c);
      out += text;
    } else out += c;
  }
  out += '"';
}

inline void write(std::string &out, const char *value) { write(out, std::string(value)); }

template <class T> void write(std::string &out, const std::vector<T> &value);
template <class K, class T> void write(std::string &out, const std::map<K, T> &value);
template <class T> void write(std::string &out, const std::unordered_map<std::string, T> &value);

template <class T> void write(std::string &out, const std::optional<T> &value) {
  if (value) write(out, *value);
  else out += "null";
}

template <class T> void write(std::string &out, const std::vector<T> &value) {
  out += '[';
  for (std::size_t at = 0; at < value.size(); ++at) {
    if (at) out += ',';
    write(out, static_cast<const T &>(value[at]));
  }
  out += ']';
}

template <class Map> void write_map(std::string &out, const Map &value) {
  out += '{';
  bool first = true;
  for (const auto &[key, item] : value) {
    if (!std::exchange(first, false)) out += ',';
    write(out, key);
    out += ':';
    write(out, item);
  }
  out += '}';
}

template <class K, class T> void write(std::string &out, const std::map<K, T> &value) { write_map(out, value); }
template <class T> void write(std::string &out, const std::unordered_map<std::string, T> &value) { write_map(out, value); }

template <class T> [[noreturn]] void answer(const T &value) {
  std::string out = "{\"value\":";
  write(out, value);
  end(out + "}", 0);
}

} // namespace judge
