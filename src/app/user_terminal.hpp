// The user's terminal: keys in, frames out, never blocking. Owns its own open description of the
// tty (so that O_NONBLOCK is not shared with the shell that started the program), the terminal
// modes and the painter; gives the terminal back on destruction, on suspend and on a crash.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "app/crash_guard.hpp"
#include "app/frame_scheduler.hpp"
#include "core/error.hpp"
#include "tui/key_decoder.hpp"
#include "tui/painter.hpp"
#include "tui/tty_modes.hpp"

namespace bdsh::app {

Size terminal_size();  // of the terminal behind stdout; 24×80 when it does not say

class UserTerminal {
 public:
  struct Handlers {
    std::function<void(const Key&)> key;
    std::function<void()> ready;  // the last frame is out
    std::function<void()> lost;   // the terminal is gone (hangup)
  };

  // Takes the terminal: from here on it is in raw mode on the alternate screen. Errors (no tty,
  // unknown TERM) leave it untouched.
  static Result<std::unique_ptr<UserTerminal>> open(boost::asio::io_context& loop);
  ~UserTerminal();

  void start(Handlers handlers);
  void stop_input();
  Size size() const;
  void update_size();  // after SIGWINCH
  // Sends one frame, or refuses it while the previous one is not out yet (nothing was done).
  Frame present(const tui::Surface& surface);
  void ring() { ring_ = true; }  // with the next frame
  void redraw() { painter_->redraw(); }
  void set_clipboard(std::string_view text);  // OSC 52
  void set_mouse(bool on);                    // off: its reports are left to the terminal
  void leave();  // gives the terminal back; present() does nothing afterwards
  // Leaves, stops the process as a job, and takes the terminal again once it is continued.
  void suspend();

 private:
  UserTerminal(boost::asio::io_context& loop, int tty, std::unique_ptr<tui::Painter> painter);
  Status enter();
  void read_keys();
  void deliver(const std::vector<Key>& keys);
  void send();
  void send(std::string_view bytes);  // behind the frame that is on its way
  void write_blocking(std::string_view bytes);

  boost::asio::posix::stream_descriptor tty_;
  boost::asio::steady_timer escape_timer_;
  std::unique_ptr<tui::Painter> painter_;
  std::optional<tui::TtyModes> modes_;
  std::optional<CrashGuard> crash_guard_;
  tui::KeyDecoder decoder_;
  Handlers handlers_;
  std::array<char, 16384> input_{};
  std::string output_;
  bool active_ = false;
  bool ring_ = false;
};

}  // namespace bdsh::app
