// Mark dirty, redraw once: however many events mark it, one frame per interval is drawn, none while
// the previous one is still on its way to the terminal, none when nothing changed. After a pause two
// frames may follow each other at once: the echo of a key need not wait behind the frame of the key.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>

namespace bdsh::app {

// What became of a frame: on its way, equal to what the terminal shows, or not taken yet.
enum class Frame { sent, unchanged, refused };

class FrameScheduler {
 public:
  static constexpr std::chrono::milliseconds kInterval{17};  // at most 60 in any second
  // A frame that changed nothing costs less of the pace: the echo of the key that asked for it
  // follows within a round trip and is not to wait for a whole interval.
  static constexpr std::chrono::milliseconds kUnchanged{4};

  // `draw` makes one frame; when the terminal refuses it, the mark stays and terminal_ready() tries
  // again.
  FrameScheduler(boost::asio::io_context& loop, std::function<Frame()> draw)
      : timer_(loop), draw_(std::move(draw)) {}

  void mark();
  void terminal_ready();
  void stop();

 private:
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  std::function<Frame()> draw_;
  std::chrono::steady_clock::time_point due_{};  // of the next frame, were they evenly spread
  bool dirty_ = false;
  bool armed_ = false;
  bool stopped_ = false;
};

}  // namespace bdsh::app
