#include "run/round_lines.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include "run/names.hpp"
#include "run/timing_cursor.hpp"

namespace bdsh::run {
namespace {

constexpr int kMostRounds = 1'000'000'000;
constexpr std::uint64_t kMostBytes = 1ULL << 60U;
constexpr std::string_view kOthers = "others";

std::string_view take_word(std::string_view& text) {
  const std::size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

template <typename Number>
std::optional<Number> number(std::string_view word, Number least, Number most) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < least || value > most)
    return {};
  return value;
}

// Folder names hold no colon, unless somebody else made them; the offset is behind the last one.
std::optional<LogPlace> parse_place(std::string_view word) {
  const std::size_t colon = word.rfind(':');
  if (colon == std::string_view::npos || !plain_folder(word.substr(0, colon))) return {};
  const auto offset = number<std::uint64_t>(word.substr(colon + 1), 0, kMostBytes);
  if (!offset) return {};
  return LogPlace{std::string(word.substr(0, colon)), *offset};
}

bool parse_places(std::string_view text, RoundLine& line) {
  std::vector<LogPlace>* places = &line.participants;
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    if (word == kOthers && places == &line.participants && line.round > 0) {
      places = &line.others;
      continue;
    }
    auto place = parse_place(word);
    if (!place) return false;
    places->push_back(std::move(*place));
  }
  return true;
}

void append_places(const std::vector<LogPlace>& places, std::string& out) {
  for (const LogPlace& place : places)
    out += " " + place.folder + ":" + std::to_string(place.offset);
}

}  // namespace

std::string to_text(const RoundLine& line) {
  std::array<char, 64> time{};
  const long long micros = line.at.count();
  std::snprintf(time.data(), time.size(), "%lld.%06lld", micros / 1'000'000, micros % 1'000'000);
  std::string out = time.data();
  out += line.round > 0 ? " round " + std::to_string(line.round) : " restart";
  append_places(line.participants, out);
  if (!line.others.empty()) out += " " + std::string(kOthers);
  append_places(line.others, out);
  return out + "\n";
}

std::optional<RoundLine> parse_round_line(std::string_view text) {
  RoundLine line;
  // A time is what the first word of a line of timing is.
  const auto time = parse_timing(std::string(take_word(text)) + " 0");
  if (!time) return {};
  line.at = time->delay;
  const std::string_view kind = take_word(text);
  if (kind == "round") {
    const auto round = number(take_word(text), 1, kMostRounds);
    if (!round) return {};
    line.round = *round;
  } else if (kind != "restart") {
    return {};
  }
  if (!parse_places(text, line)) return {};
  return line;
}

}  // namespace bdsh::run
