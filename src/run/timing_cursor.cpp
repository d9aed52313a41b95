#include "run/timing_cursor.hpp"

#include <algorithm>
#include <charconv>

namespace bdsh::run {
namespace {

constexpr std::size_t kLongestLine = 64;
constexpr std::uint64_t kMostSeconds = 1'000'000'000;  // some 30 years; more is damage
constexpr std::uint64_t kMostBytes = 1ULL << 60U;

// A number made of digits only, at most `most`; advances `text` behind it.
std::optional<std::uint64_t> number(std::string_view& text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > most) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool skip(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// The digits behind the point as microseconds, whatever their count.
std::optional<std::uint64_t> micros(std::string_view& text) {
  std::uint64_t value = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1))
    if (++digits <= 6) value = value * 10 + static_cast<std::uint64_t>(text.front() - '0');
  if (digits == 0) return {};
  for (; digits < 6; ++digits) value *= 10;
  return value;
}

}  // namespace

std::optional<TimingEntry> parse_timing(std::string_view line) {
  const auto seconds = number(line, kMostSeconds);
  if (!seconds || !skip(line, '.')) return {};
  const auto fraction = micros(line);
  if (!fraction || !skip(line, ' ')) return {};
  const auto bytes = number(line, kMostBytes);
  if (!bytes || !line.empty()) return {};
  return TimingEntry{std::chrono::microseconds(*seconds * 1'000'000 + *fraction), *bytes};
}

bool TimingCursor::take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) {
    damaged_ = damaged_ || text.size() > kLongestLine;
    return false;
  }
  const auto entry = end > kLongestLine ? std::nullopt : parse_timing(text.substr(0, end));
  damaged_ = !entry || end_ + entry->bytes > kMostBytes ||
             at_ + entry->delay > std::chrono::seconds(kMostSeconds);
  if (damaged_) return false;
  text.remove_prefix(end + 1);
  next_offset_ += end + 1;
  at_ += entry->delay;
  end_ += entry->bytes;
  return true;
}

TimingCursor::Stretch TimingCursor::stretch(std::uint64_t offset, std::uint64_t limit,
                                            std::string_view& text) {
  while (!damaged_ && end_ <= offset && take_line(text)) {
  }
  return {end_ > offset ? std::min(end_, limit) : limit, at_};
}

}  // namespace bdsh::run
