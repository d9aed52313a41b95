// When a round began and when its last host came to rest, by the wall clock. Pure: told, never
// asks.
#pragma once

#include <chrono>
#include <optional>

#include "consensus/round_times.hpp"

namespace bdsh::app {

using WallTime = std::chrono::system_clock::time_point;

class RoundClock {
 public:
  explicit RoundClock(std::optional<WallTime> start) { begin(start); }
  void begin(std::optional<WallTime> at) {
    times_ = {at, std::nullopt};
    last_output_.reset();
  }
  // A host of the round printed something.
  void heard(std::optional<WallTime> at) {
    if (at && (!last_output_ || *at > *last_output_)) last_output_ = at;
  }
  // All hosts are at their prompts or have ended: the round was over with the last output. What is
  // typed into one of them later is no part of its duration.
  void rest() {
    if (!times_.ended) times_.ended = last_output_;
  }
  const consensus::RoundTimes& times() const { return times_; }

 private:
  consensus::RoundTimes times_;
  std::optional<WallTime> last_output_;
};

}  // namespace bdsh::app
