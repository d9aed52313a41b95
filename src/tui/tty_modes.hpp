// The user's terminal in raw mode, and back again whatever happens.
#pragma once

#include <termios.h>

#include <array>
#include <cstddef>
#include <string_view>

#include "core/error.hpp"

namespace bdsh::tui {

// What a signal handler needs to make the terminal whole: plain data, no destructor. Fill it while
// nothing is wrong (TtyModes::rescue, Painter::leave_bytes), keep it in static storage.
struct TtyRescue {
  int fd = -1;
  termios saved{};
  std::array<char, 512> leave{};
  std::size_t leave_size = 0;
  int tell = -1;  // a socket whose other end is to know; -1: none
  void set_leave(std::string_view bytes);  // cut to what fits
};
// What is written to TtyRescue::tell.
constexpr std::string_view kRestored = "{\"command\":\"restored\"}\n";
// Async-signal-safe: one write, one tcsetattr; errno is kept.
void rescue_terminal(const TtyRescue& rescue) noexcept;

// Raw mode for as long as it lives. `fd` stays the caller's and outlives it.
class TtyModes {
 public:
  static Result<TtyModes> raw(int fd);  // Errors: io, when fd is no terminal
  TtyModes(TtyModes&& other) noexcept;
  TtyModes& operator=(TtyModes&&) = delete;
  ~TtyModes() { restore(); }

  void restore() noexcept;   // before a suspend; harmless twice
  Status make_raw();         // after it
  TtyRescue rescue() const;  // fd and saved modes; leave bytes still empty

 private:
  TtyModes(int fd, const termios& saved) : fd_(fd), saved_(saved) {}
  int fd_;
  termios saved_;
  bool raw_ = false;
};

}  // namespace bdsh::tui
