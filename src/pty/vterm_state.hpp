// libvterm 0.1.4's parser and state layer as an engine of cursor movement, margins, tab stops and
// editing, writing into a Screen. Its screen layer, pen, character sets, keyboard and replies are
// not used. It crashes on many inputs: only sequences that Interpreter has put together itself may
// come here, never a host's bytes.
#pragma once

#include <memory>
#include <string_view>

#include "core/geometry.hpp"
#include "pty/screen.hpp"

namespace bdsh::pty {

class VtermState {
 public:
  static constexpr std::size_t kMaxWrite = 4096;  // bytes; larger writes overflow its stack

  // `screen` outlives this object.
  explicit VtermState(Screen& screen);
  ~VtermState();

  // Runs a control character or a sequence, moves screen.cursor along.
  void run(std::string_view sequence);
  // Prints one glyph of width 1 or 2 where libvterm's cursor is.
  void print(char32_t code, int width);
  // Moves libvterm's cursor to screen.cursor, in the default modes and margins.
  void catch_up();
  // Whether text wraps (what print() needs to know; the mode itself goes through run()).
  void set_autowrap(bool on);
  // Whether rows that run() moves off the top go to the scrollback.
  void set_keep(bool keep);
  void resize(Size size);  // with default margins only
  void reset();            // all modes, margins and tab stops; the cursor goes home

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::pty
