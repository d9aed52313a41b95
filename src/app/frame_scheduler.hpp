// Mark dirty, redraw once: however many events mark it, one frame is drawn when its pace allows the
// next, none while the previous one is still on its way to the terminal, none when nothing changed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "app/frame_pace.hpp"

namespace bdsh::app {

class FrameScheduler {
 public:
  // `draw` makes one frame; when the terminal refuses it, the mark stays and terminal_ready() tries
  // again.
  FrameScheduler(boost::asio::io_context& loop, std::function<Frame()> draw)
      : timer_(loop), draw_(std::move(draw)) {}

  void mark();
  void mark_urgent();  // the user waits for what changed
  void terminal_ready();
  void stop();

 private:
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  std::function<Frame()> draw_;
  FramePace pace_;
  bool dirty_ = false;
  bool urgent_ = false;
  bool armed_ = false;
  bool drawing_ = false;
  bool stopped_ = false;
};

}  // namespace bdsh::app
