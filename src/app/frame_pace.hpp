// When the next frame may be drawn: at most 60 in any second, and one more after a pause. Marks of
// hosts' output leave that one to the user: the echo of a key does not wait behind a frame that
// other hosts asked for. Pure: time is passed in.
#pragma once

#include <algorithm>
#include <chrono>

namespace bdsh::app {

// What became of a frame: on its way, equal to what the terminal shows, or not taken yet.
enum class Frame { sent, unchanged, refused };

class FramePace {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kInterval{17};
  // A frame that changed nothing costs less of the pace: the echo of the key that asked for it
  // follows within a round trip and is not to wait for a whole interval.
  static constexpr std::chrono::milliseconds kUnchanged{4};

  // `urgent`: the user waits for it.
  Clock::time_point next(bool urgent) const { return urgent ? due_ - kInterval : due_; }
  void drew(Frame frame, Clock::time_point now) {
    due_ = std::max(due_, now) + (frame == Frame::unchanged ? kUnchanged : kInterval);
  }

 private:
  Clock::time_point due_{};  // of the next frame, were they evenly spread
};

}  // namespace bdsh::app
