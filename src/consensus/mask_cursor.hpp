// What the masks' scanners read a line with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace bdsh::consensus {

using View = std::string_view;

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_letter(char c) {
  return is_lower(c) || is_upper(c);
}
constexpr bool is_alnum(char c) {
  return is_digit(c) || is_letter(c);
}
constexpr bool is_word(char c) {
  return is_alnum(c) || c == '_';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Reads forward over a line; each step says whether it matched and moves only then.
class Cursor {
 public:
  Cursor(View text, std::size_t at) : text_(text), at_(at) {}
  std::size_t at() const { return at_; }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool literal(char c) { return peek() == c ? (++at_, true) : false; }
  bool literal(View word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  template <typename Is>
  std::size_t run(Is&& is) {
    const std::size_t start = at_;
    while (at_ < text_.size() && is(text_[at_])) ++at_;
    return at_ - start;
  }
  bool digits(std::size_t least, std::size_t most) {
    const std::size_t start = at_;
    const std::size_t count = run(is_digit);
    if (count >= least && count <= most) return true;
    at_ = start;
    return false;
  }
  bool one_of(const auto& words) {
    return std::any_of(words.begin(), words.end(), [this](View word) { return literal(word); });
  }
  // Tries `step`; what it consumed is given back when it fails.
  template <typename Step>
  bool optionally(Step&& step) {
    const std::size_t start = at_;
    if (step()) return true;
    at_ = start;
    return false;
  }
  bool ends_word() const { return !is_alnum(peek()) && peek() != '_'; }

 private:
  View text_;
  std::size_t at_;
};

}  // namespace bdsh::consensus
