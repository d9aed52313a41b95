#include "core/fold.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace bdsh {
namespace {

constexpr std::size_t kMaxDigits = 18;  // beyond, a number would not fit 64 bits: it stays text

// texts[0] numbers[0] texts[1] numbers[1] … texts[n]: one more text than numbers.
struct Name {
  std::vector<std::string> texts;
  std::vector<std::string> numbers;  // digits, or an already folded "[01-03]"
};

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

bool foldable(std::string_view name) {
  return name.find_first_of("[],") == std::string_view::npos &&
         std::count(name.begin(), name.end(), ':') < 2;
}

Name parse(const std::string& text) {
  Name name{{{}}, {}};
  if (!foldable(text)) {
    name.texts.back() = text;
    return name;
  }
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == at || end - at > kMaxDigits || text.find(':') < at) {  // ports stay as they are
      end = std::max(end, at + 1);
      name.texts.back().append(text, at, end - at);
    } else {
      name.numbers.push_back(text.substr(at, end - at));
      name.texts.emplace_back();
    }
    at = end;
  }
  return name;
}

std::string joined(const Name& name, std::size_t without) {
  std::string text;
  text.reserve(64);
  for (std::size_t i = 0; i < name.texts.size(); ++i) {
    text += name.texts[i];
    if (i >= name.numbers.size()) continue;
    text += i == without ? std::string(1, '\0') : name.numbers[i];
  }
  return text;
}

struct Number {
  std::uint64_t value;
  std::string digits;
};

// Whether `next` is what a range that starts at `first` reaches right after `last`.
bool continues(const Number& first, const Number& last, const Number& next) {
  if (next.value != last.value + 1) return false;
  const bool padded = first.digits.size() > 1 && first.digits[0] == '0';
  if (padded) return next.digits.size() == first.digits.size();
  return next.digits[0] != '0';
}

std::string ranges(std::vector<std::string> digits) {
  std::vector<Number> numbers;
  for (std::string& text : digits) numbers.push_back({std::stoull(text), std::move(text)});
  std::sort(numbers.begin(), numbers.end(), [](const Number& a, const Number& b) {
    return a.value != b.value ? a.value < b.value : a.digits.size() < b.digits.size();
  });
  std::string text = "[";
  for (std::size_t first = 0; first < numbers.size();) {
    std::size_t last = first;
    while (last + 1 < numbers.size() && continues(numbers[first], numbers[last], numbers[last + 1]))
      ++last;
    if (first > 0) text += ',';
    text += numbers[first].digits;
    if (last > first) text += '-' + numbers[last].digits;
    first = last + 1;
  }
  return text + ']';
}

// Merges the names that differ only in their number at `from_end` (0: the last one).
std::vector<Name> fold_position(std::vector<Name> names, std::size_t from_end) {
  std::vector<Name> folded;
  std::vector<std::vector<std::string>> members;  // of folded[i], at that position
  std::unordered_map<std::string, std::size_t> places;
  places.reserve(names.size());
  for (Name& name : names) {
    const std::size_t count = name.numbers.size();
    if (count <= from_end) {  // nothing to merge it with
      members.emplace_back();
      folded.push_back(std::move(name));
      continue;
    }
    const std::size_t position = count - 1 - from_end;
    const auto [place, fresh] = places.emplace(joined(name, position), folded.size());
    if (fresh) members.emplace_back();
    members[place->second].push_back(name.numbers[position]);
    if (fresh) folded.push_back(std::move(name));
  }
  for (std::size_t i = 0; i < folded.size(); ++i)
    if (members[i].size() > 1)
      folded[i].numbers[folded[i].numbers.size() - 1 - from_end] = ranges(std::move(members[i]));
  return folded;
}

std::vector<std::string> without_duplicates(const std::vector<std::string>& names) {
  std::unordered_map<std::string_view, bool> seen;
  std::vector<std::string> unique;
  for (const std::string& name : names)
    if (seen.emplace(name, true).second) unique.push_back(name);
  return unique;
}

}  // namespace

std::string fold_names(const std::vector<std::string>& names) {
  std::vector<Name> folded;
  std::size_t positions = 0;
  for (const std::string& name : without_duplicates(names)) {
    folded.push_back(parse(name));
    positions = std::max(positions, folded.back().numbers.size());
  }
  for (std::size_t i = 0; i < positions; ++i) folded = fold_position(std::move(folded), i);
  std::string text;
  for (const Name& name : folded) {
    if (!text.empty()) text += ',';
    text += joined(name, name.numbers.size());
  }
  return text;
}

}  // namespace bdsh
