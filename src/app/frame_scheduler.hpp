// Mark dirty, redraw once: however many events mark it, one frame per interval is drawn, none while
// the previous one is still on its way to the terminal, none when nothing changed. After a pause two
// frames may follow each other at once: the echo of a key need not wait behind the frame of the key.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>

namespace bdsh::app {

class FrameScheduler {
 public:
  static constexpr std::chrono::milliseconds kInterval{17};  // at most 60 in any second

  // `draw` sends one frame and returns whether the terminal took it; when it did not, the mark
  // stays and terminal_ready() tries again.
  FrameScheduler(boost::asio::io_context& loop, std::function<bool()> draw)
      : timer_(loop), draw_(std::move(draw)) {}

  void mark();
  void terminal_ready();
  void stop();

 private:
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  std::function<bool()> draw_;
  std::chrono::steady_clock::time_point due_{};  // of the next frame, were they evenly spread
  bool dirty_ = false;
  bool armed_ = false;
  bool stopped_ = false;
};

}  // namespace bdsh::app
