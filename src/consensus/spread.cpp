#include "consensus/spread.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace bdsh::consensus {
namespace {

// The number a value starts with, when only a unit or a sign follows ("97%", "0.45 ms"); a time of
// day or a version does not count.
std::optional<double> number(std::string_view value) {
  double parsed = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view rest(end, static_cast<std::size_t>(value.data() + value.size() - end));
  const auto is_unit = [](char c) { return c == ' ' || c == '%' || (c >= 'a' && c <= 'z'); };
  if (!std::all_of(rest.begin(), rest.end(), is_unit)) return std::nullopt;
  return parsed;
}

struct Value {
  std::string_view text;
  std::size_t hosts = 0;
  double number = 0;
};

// The middle one of all hosts' values; with an even number of them the mean of the two middle ones.
double median(const std::vector<Value>& sorted, std::size_t hosts) {
  const auto at = [&](std::size_t index) {
    std::size_t seen = 0;
    for (const Value& value : sorted)
      if ((seen += value.hosts) > index) return value.number;
    return sorted.back().number;
  };
  return (at((hosts - 1) / 2) + at(hosts / 2)) / 2;
}

// The unit decides whether numbers can be compared: "900 ms" is not more than "2 s".
std::string_view unit(std::string_view value) {
  const std::size_t at = value.find_first_not_of("0123456789.+-");
  return at == std::string_view::npos ? std::string_view() : value.substr(at);
}

}  // namespace

void SpreadBuilder::add(std::string_view line, const std::vector<MaskHit>& hits) {
  if (tokens_.size() < hits.size()) tokens_.resize(hits.size());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    tokens_[i].mask = hits[i].mask;
    ++tokens_[i].values[std::string(line.substr(hits[i].begin, hits[i].end - hits[i].begin))];
  }
}

std::vector<Spread> SpreadBuilder::result() const {
  std::vector<Spread> spreads;
  for (const Token& token : tokens_) {
    Spread& spread = spreads.emplace_back();
    spread.mask = masks_.name(token.mask);
    spread.distinct = token.values.size();
    std::vector<Value> values;
    bool numeric = true;
    for (const auto& [text, hosts] : token.values) {
      const std::optional<double> parsed = number(text);
      numeric = numeric && parsed && unit(text) == unit(token.values.begin()->first);
      values.push_back({text, hosts, parsed.value_or(0)});
      spread.hosts += hosts;
    }
    if (numeric)
      std::stable_sort(values.begin(), values.end(),
                       [](const Value& a, const Value& b) { return a.number < b.number; });
    spread.low = values.front().text;
    spread.high = values.back().text;
    if (numeric) spread.median = median(values, spread.hosts);
  }
  return spreads;
}

std::string Spread::summary() const {
  const std::string count = std::to_string(distinct) + (distinct == 1 ? " value, " : " values, ");
  return count + (distinct == 1 ? low : low + "…" + high);
}

std::string Spread::numbers() const {
  if (!median) return {};
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.10g", *median);
  return "min " + low + ", median " + text.data() + ", max " + high;
}

}  // namespace bdsh::consensus
