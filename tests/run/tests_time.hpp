// One moment that all tests of the run directory start at: 2026-03-01T12:00:00Z.
#pragma once

#include <chrono>

namespace bdsh::run {

inline constexpr std::chrono::system_clock::time_point kStart{std::chrono::seconds(1772366400)};

inline std::chrono::system_clock::time_point after_ms(int ms) {
  return kStart + std::chrono::milliseconds(ms);
}

}  // namespace bdsh::run
