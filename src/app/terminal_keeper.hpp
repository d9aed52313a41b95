// The terminal of the process that the user started: its modes, raw while the dashboard is on it,
// and whole again whatever happens. What is drawn there comes from the process that serves the run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/crash_guard.hpp"
#include "core/geometry.hpp"
#include "net/launch.hpp"
#include "tui/tty_modes.hpp"

namespace bdsh::app {

Size terminal_size(int tty);  // 24×80 when it does not say

class TerminalKeeper {
 public:
  // The terminal behind stdout, or the controlling one. Errors: io, there is none.
  static Result<std::unique_ptr<TerminalKeeper>> open();

  int fd() const { return tty_.get(); }
  std::string modes() const;  // bytes of the struct termios that it has now
  // Raw, until leave() or a crash, which writes `leave_bytes` as well and tells `server`.
  Status enter(std::string_view leave_bytes, int server);
  bool entered() const { return guard_.has_value(); }
  void leave(std::string_view bytes);
  // As leave(), with the bytes that enter() was given.
  void abandon() { leave(std::string(leave_bytes_)); }

 private:
  explicit TerminalKeeper(net::Fd tty) : tty_(std::move(tty)) {}

  net::Fd tty_;
  std::optional<tui::TtyModes> modes_;
  std::optional<CrashGuard> guard_;
  std::string leave_bytes_;
};

// For whom the keeper was killed: gives the terminal back; its modes only if no shell was faster.
void rescue_left_terminal(int tty, std::string_view modes, std::string_view bytes);

}  // namespace bdsh::app
