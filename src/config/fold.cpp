#include "config/fold.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace bdsh::config {
namespace {

constexpr std::size_t kMaxDigits = 18;
constexpr std::size_t kMaxDimensions = 4;  // numbers of a name that are tried, from the right

struct Number {
  std::uint64_t value = 0;
  std::size_t digits = 1;
  bool zero_led = false;  // "07": the width is fixed
  auto rank() const { return std::tie(digits, value); }
};

// A name cut at its numbers; a part is a text, or a set of numbers that have been folded.
struct Entry {
  std::vector<std::string> parts;    // rendered; parts[i] of a number is its digits or "[…]"
  std::vector<std::size_t> numbers;  // indices of the parts that are numbers, from the left
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Entry cut(const std::string& name) {
  Entry entry;
  if (name.find(':') != name.npos) return {{name}, {}};
  for (std::size_t at = 0; at < name.size();) {
    const bool digits = is_digit(name[at]);
    std::size_t end = at;
    while (end < name.size() && is_digit(name[end]) == digits) ++end;
    if (digits && end - at <= kMaxDigits) entry.numbers.push_back(entry.parts.size());
    entry.parts.push_back(name.substr(at, end - at));
    at = end;
  }
  return entry;
}

Number number_of(const std::string& digits) {
  Number number{0, digits.size(), digits.size() > 1 && digits[0] == '0'};
  std::from_chars(digits.data(), digits.data() + digits.size(), number.value);
  return number;
}

std::string digits_of(const Number& number) {
  const std::string digits = std::to_string(number.value);
  return std::string(number.digits - digits.size(), '0') + digits;
}

// Whether "[first-next]" would count from `last` to `next` as they are written.
bool follows(const Number& last, const Number& next) {
  if (next.value != last.value + 1) return false;
  return next.digits == last.digits || (next.digits == last.digits + 1 && !next.zero_led);
}

std::string render(std::vector<Number> numbers) {
  std::sort(numbers.begin(), numbers.end(),
            [](const Number& a, const Number& b) { return a.rank() < b.rank(); });
  if (numbers.size() == 1) return digits_of(numbers[0]);
  std::string out = "[";
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && follows(numbers[end - 1], numbers[end])) ++end;
    if (out.size() > 1) out += ',';
    out += digits_of(numbers[i]);
    if (end - i > 1) out += '-' + digits_of(numbers[end - 1]);
    i = end;
  }
  return out + "]";
}

// The entry without the number at `dimension` from the right: equal keys fold together.
std::string key_without(const Entry& entry, std::size_t part) {
  std::string key = std::to_string(part);
  for (std::size_t i = 0; i < entry.parts.size(); ++i) {
    key += '\0';
    if (i != part) key += entry.parts[i];
  }
  return key;
}

// Folds the number that is `dimension`-th from the right in every entry that has one.
std::vector<Entry> fold_dimension(std::vector<Entry> entries, std::size_t dimension) {
  std::vector<Entry> out;
  std::vector<std::vector<Number>> numbers;
  std::unordered_map<std::string, std::size_t> places;
  for (Entry& entry : entries) {
    if (entry.numbers.size() <= dimension) {
      out.push_back(std::move(entry));
      numbers.emplace_back();
      continue;
    }
    const std::size_t part = entry.numbers[entry.numbers.size() - 1 - dimension];
    const Number number = number_of(entry.parts[part]);
    const auto [place, fresh] = places.emplace(key_without(entry, part), out.size());
    if (fresh) {
      out.push_back(std::move(entry));
      numbers.emplace_back();
    }
    numbers[place->second].push_back(number);
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!numbers[i].empty())
      out[i].parts[out[i].numbers[out[i].numbers.size() - 1 - dimension]] =
          render(std::move(numbers[i]));
  return out;
}

}  // namespace

std::string fold(std::span<const std::string> names) {
  std::vector<Entry> entries;
  std::unordered_set<std::string> seen;
  std::size_t dimensions = 0;
  for (const std::string& name : names) {
    if (!seen.insert(name).second) continue;
    entries.push_back(cut(name));
    dimensions = std::max(dimensions, entries.back().numbers.size());
  }
  for (std::size_t d = 0; d < std::min(dimensions, kMaxDimensions); ++d)
    entries = fold_dimension(std::move(entries), d);
  std::string out;
  for (const Entry& entry : entries) {
    if (!out.empty()) out += ',';
    for (const std::string& part : entry.parts) out += part;
  }
  return out;
}

}  // namespace bdsh::config
