#include "run/times.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace bdsh::run {
namespace {

constexpr long kMicros = 1'000'000;

long long micros_since_epoch(WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string iso_time(WallTime time) {
  const long long total = micros_since_epoch(time);
  const long long micros = (total % kMicros + kMicros) % kMicros;
  const auto seconds = static_cast<std::time_t>((total - micros) / kMicros);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 80> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%06lldZ",
                parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                parts.tm_sec, micros);
  return text.data();
}

std::string directory_time(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &parts);
  return {text.data(), size};
}

std::optional<WallTime> parse_iso_time(std::string_view text) {
  std::tm parts{};
  long micros = 0;
  int end = 0;
  const std::string copy(text.substr(0, 40));
  const int fields =
      std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%6ldZ%n", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &micros, &end);
  if (fields != 7 || static_cast<std::size_t>(end) != text.size() || micros < 0) return {};
  // Beyond these years system_clock's nanoseconds would overflow.
  if (parts.tm_year < 1970 || parts.tm_year > 2200) return {};
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t seconds = timegm(&parts);
  return WallTime(std::chrono::seconds(seconds)) + std::chrono::microseconds(micros);
}

}  // namespace bdsh::run
