// How much of the loop's time hosts' output may take: time is cut into turns of one frame, and when
// a turn's share is used up, hosts that have printed more than a little in it wait for the next.
// Pure: time is passed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "core/ids.hpp"

namespace bdsh::app {

class FeedTurn {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kTurn{16};
  static constexpr std::chrono::milliseconds kShare{6};
  static constexpr std::size_t kLittle = 4096;  // bytes of one host in one turn

  // Output of `host` was taken in between `began` and `ended`. True: hold it until end().
  bool spent(HostId host, std::size_t bytes, Clock::time_point began, Clock::time_point ended);
  Clock::time_point end() const { return start_ + kTurn; }
  // From one held host that goes on to the next, so that as many do in a turn, each with one chunk of
  // the usual cost, as fit into its share: with many floods they take turns. A turn at most.
  Clock::duration gap() const;

 private:
  Clock::time_point start_{};
  Clock::duration used_{};
  Clock::duration usual_{};  // of a chunk of more than a little, smoothed
  std::vector<std::size_t> bytes_;  // by HostId, in this turn
};

}  // namespace bdsh::app
