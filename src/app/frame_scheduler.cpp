#include "app/frame_scheduler.hpp"

#include <algorithm>
#include <utility>

namespace bdsh::app {

void FrameScheduler::mark() {
  dirty_ = true;
  if (!armed_ && !stopped_) arm();
}

void FrameScheduler::terminal_ready() {
  if (dirty_ && !armed_ && !stopped_) arm();
}

void FrameScheduler::stop() {
  stopped_ = true;
  timer_.cancel();
}

void FrameScheduler::arm() {
  armed_ = true;
  timer_.expires_at(due_ - kInterval);
  timer_.async_wait([this](const boost::system::error_code& error) {
    armed_ = false;
    if (!error && !stopped_) fire();
  });
}

void FrameScheduler::fire() {
  // Cleared first: what is marked while this frame is drawn belongs to the next, whose time is
  // known only afterwards.
  if (!std::exchange(dirty_, false)) return;
  armed_ = true;
  const Frame frame = draw_();
  armed_ = false;
  due_ = std::max(due_, std::chrono::steady_clock::now()) +
         (frame == Frame::unchanged ? kUnchanged : kInterval);
  if (frame == Frame::refused)
    dirty_ = true;
  else if (dirty_ && !stopped_)
    arm();
}

}  // namespace bdsh::app
