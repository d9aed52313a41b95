#include "app/frame_scheduler.hpp"

#include <utility>

namespace bdsh::app {

void FrameScheduler::mark() {
  dirty_ = true;
  if (!armed_) arm();
}

void FrameScheduler::mark_urgent() {
  dirty_ = true;
  if (armed_ && urgent_) return;
  urgent_ = true;
  arm();
}

void FrameScheduler::terminal_ready() {
  if (dirty_ && !armed_) arm();
}

void FrameScheduler::stop() {
  stopped_ = true;
  timer_.cancel();
}

// Arming again replaces the time that was waited for.
void FrameScheduler::arm() {
  if (stopped_ || drawing_) return;
  armed_ = true;
  timer_.expires_at(pace_.next(urgent_));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopped_) return;
    armed_ = false;
    fire();
  });
}

void FrameScheduler::fire() {
  // Cleared first: what is marked while this frame is drawn belongs to the next, whose time is
  // known only afterwards.
  if (!std::exchange(dirty_, false)) return;
  urgent_ = false;
  drawing_ = true;
  const Frame frame = draw_();
  drawing_ = false;
  pace_.drew(frame, FramePace::Clock::now());
  if (frame == Frame::refused)
    dirty_ = true;
  else if (dirty_)
    arm();
}

}  // namespace bdsh::app
