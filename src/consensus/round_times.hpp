// When a round began and ended. Told by the caller; the engine has no clock.
#pragma once

#include <chrono>
#include <optional>

namespace bdsh::consensus {

struct RoundTimes {
  std::optional<std::chrono::system_clock::time_point> started;
  std::optional<std::chrono::system_clock::time_point> ended;  // nothing: it goes on, or unknown
  // A clock that was set back gives none.
  std::optional<std::chrono::milliseconds> duration() const {
    if (!started || !ended || *ended < *started) return std::nullopt;
    return std::chrono::duration_cast<std::chrono::milliseconds>(*ended - *started);
  }
  friend bool operator==(const RoundTimes&, const RoundTimes&) = default;
};

}  // namespace bdsh::consensus
