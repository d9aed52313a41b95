#include "consensus/columns.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "consensus/mask_cursor.hpp"

namespace bdsh::consensus {
namespace {

constexpr double kFence = 1.5;

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> found;
  for (std::size_t at = 0; (at = line.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(" \t", at), line.size());
    found.push_back(line.substr(at, end - at));
    at = end;
  }
  return found;
}

// What a size counts in: 1.5G, 4Ki, 3MiB, 12kB. Nothing when `unit` is none of sizes.
std::optional<double> size_factor(std::string_view unit) {
  static constexpr std::string_view kPrefixes = "KMGTPE";
  const std::size_t power = unit.empty()     ? std::string_view::npos
                            : unit[0] == 'k' ? 0
                                             : kPrefixes.find(unit[0]);
  if (power == std::string_view::npos) return std::nullopt;
  const std::string_view rest = unit.substr(1);
  if (!rest.empty() && rest != "B" && rest != "i" && rest != "iB") return std::nullopt;
  double factor = 1024;
  for (std::size_t i = 0; i < power; ++i) factor *= 1024;
  return factor;
}

// Of time, in seconds.
std::optional<double> time_factor(std::string_view unit) {
  using Unit = std::pair<std::string_view, double>;
  static constexpr std::array<Unit, 6> kUnits = {Unit{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6},
                                                 {"ms", 1e-3},     {"s", 1},     {"min", 60}};
  for (const auto& [name, seconds] : kUnits)
    if (unit == name) return seconds;
  return std::nullopt;
}

// "0.16," of a list is shown as the number it is.
std::string without_stops(std::string_view word) {
  return std::string(word.substr(0, word.find_last_not_of(",;") + 1));
}

// At `part` (0 … 1) of the sorted values, between two neighbours where it falls between.
double quantile(const std::vector<HostValue>& sorted, double part) {
  const double place = part * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = place - static_cast<double>(below);
  return sorted[below].value * (1 - share) + sorted[above].value * share;
}

void finish(Distribution& found) {
  std::sort(found.values.begin(), found.values.end(), [](const HostValue& a, const HostValue& b) {
    return a.value != b.value ? a.value < b.value : a.host < b.host;
  });
  found.min = found.values.front().value;
  found.max = found.values.back().value;
  found.median = quantile(found.values, 0.5);
  const double low = quantile(found.values, 0.25);
  const double high = quantile(found.values, 0.75);
  const double reach = kFence * (high - low);
  for (const HostValue& value : found.values)
    if (value.value < low - reach || value.value > high + reach) found.outliers.add(value.host);
}

// Words of lines of one length are columns by their place. Of lines that differ in length (uptime's
// "up 3 days, 2:03" and "up 2:03") they are by the word before that is no number, and their place
// behind it: "average: 0.1 0.2 0.3" is three columns wherever it stands.
class Columns {
 public:
  explicit Columns(const std::vector<HostLine>& lines) {
    const std::size_t count = lines.empty() ? 0 : words(lines.front().text).size();
    by_place_ = std::all_of(lines.begin(), lines.end(), [count](const HostLine& line) {
      return words(line.text).size() == count;
    });
  }

  void add(const HostLine& line) {
    const std::vector<std::string_view> parts = words(line.text);
    std::string label;
    std::size_t behind = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::optional<double> value = number_in(parts[i]);
      Column& column = column_of(by_place_ ? std::to_string(i) : label + " " + std::to_string(behind), i);
      ++column.hosts;
      ++behind;
      if (value)
        column.found.values.push_back({line.host, *value, without_stops(parts[i])});
      else if (!is_time_or_date(parts[i]))
        label = parts[i], behind = 0;
    }
  }

  std::vector<Distribution> take() {
    std::vector<Distribution> found;
    for (Column& column : columns_) {
      const std::size_t numbers = column.found.values.size();
      if (numbers < 2 || 2 * numbers <= column.hosts) continue;
      finish(column.found);
      found.push_back(std::move(column.found));
    }
    std::stable_sort(found.begin(), found.end(), [](const Distribution& a, const Distribution& b) {
      return a.column < b.column;
    });
    return found;
  }

 private:
  struct Column {
    Distribution found;
    std::size_t hosts = 0;  // with a word there, number or not
  };

  static bool is_time_or_date(std::string_view word) {
    return !word.empty() && is_digit(word.front());
  }

  Column& column_of(const std::string& key, std::size_t place) {
    const auto [at, fresh] = index_.try_emplace(key, columns_.size());
    if (fresh) columns_.emplace_back().found.column = place;
    return columns_[at->second];
  }

  bool by_place_ = true;
  std::vector<Column> columns_;
  std::map<std::string, std::size_t> index_;
};

}  // namespace

std::optional<double> number_in(std::string_view word) {
  if (const std::size_t name = word.find_last_of("=:"); name != std::string_view::npos) {
    if (name == 0 || is_digit(word[name - 1])) return std::nullopt;  // 10:30
    word.remove_prefix(name + 1);
  }
  while (!word.empty() && std::string_view("([").find(word.front()) != std::string_view::npos)
    word.remove_prefix(1);
  while (!word.empty() && std::string_view("),;]").find(word.back()) != std::string_view::npos)
    word.remove_suffix(1);
  if (word.starts_with('+')) word.remove_prefix(1);
  const std::size_t first = word.starts_with('-') ? 1 : 0;
  if (first >= word.size() || !is_digit(word[first])) return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(word.data(), word.data() + word.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view unit = word.substr(static_cast<std::size_t>(end - word.data()));
  if (unit.empty() || unit == "%" || unit == "B") return value;
  const std::optional<double> size = size_factor(unit);
  const std::optional<double> factor = size ? size : time_factor(unit);
  return factor ? std::optional(value * *factor) : std::nullopt;
}

std::vector<Distribution> distributions(const std::vector<HostLine>& lines) {
  Columns columns(lines);
  for (const HostLine& line : lines) columns.add(line);
  return columns.take();
}

std::vector<std::size_t> Distribution::histogram(std::size_t buckets) const {
  std::vector<std::size_t> counts(buckets, 0);
  if (buckets == 0) return counts;
  const double width = (max - min) / static_cast<double>(buckets);
  for (const HostValue& value : values) {
    const double at = width > 0 ? (value.value - min) / width : 0;
    ++counts[std::min(static_cast<std::size_t>(at), buckets - 1)];
  }
  return counts;
}

std::string sparkline(const std::vector<std::size_t>& buckets) {
  static constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t most = buckets.empty() ? 0 : *std::max_element(buckets.begin(), buckets.end());
  std::string line;
  for (const std::size_t count : buckets)
    line += count == 0 ? " " : kBars[(count * kBars.size() + most - 1) / most - 1];
  return line;
}

}  // namespace bdsh::consensus
