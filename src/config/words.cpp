#include "config/words.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace bdsh::config {
namespace {

// Edits from one word to the other, a swap of neighbours being one (optimal string alignment).
// Both words are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t least,
                                         std::int64_t most) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stop != end || value < least || value > most)
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  constexpr std::int64_t kMost = 1LL << 40;
  const std::size_t digits = std::min(text.size(), text.find_first_not_of("0123456789"));
  const auto number = parse_number(text.substr(0, digits), 0, kMost);
  const std::string unit = lower(text.substr(digits));
  static constexpr std::pair<char, unsigned> kUnits[] = {{'k', 10}, {'m', 20}, {'g', 30}};
  if (!number) return std::nullopt;
  if (unit.empty()) return static_cast<std::uint64_t>(*number);
  for (const auto& [letter, shift] : kUnits)
    if (unit[0] == letter && (unit.size() == 1 || unit.substr(1) == "b" || unit.substr(1) == "ib"))
      if (*number <= kMost >> shift) return static_cast<std::uint64_t>(*number) << shift;
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_seconds(std::string_view text) {
  constexpr std::int64_t kYear = 366LL * 24 * 3600;
  const std::size_t dot = text.find('.');
  const auto whole = parse_number(text.substr(0, dot), 0, kYear);
  if (!whole) return std::nullopt;
  std::int64_t milliseconds = *whole * 1000;
  if (dot != text.npos) {
    std::string fraction(text.substr(dot + 1));
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != fraction.npos)
      return std::nullopt;
    fraction.resize(3, '0');
    milliseconds += *parse_number(fraction, 0, 999);
  }
  return std::chrono::milliseconds(milliseconds);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t kLongest = 40;  // nobody mistypes longer words
  if (word.size() > kLongest) return {};
  std::string_view best;
  std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : known)
    if (candidate.size() > kLongest)
      continue;
    else if (const std::size_t d = distance(lower(word), lower(candidate)); d < least) {
      least = d;
      best = candidate;
    }
  return best.empty() ? "" : " (did you mean '" + std::string(best) + "'?)";
}

}  // namespace bdsh::config
