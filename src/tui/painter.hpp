// Pushes Surfaces to the user's terminal. ncurses finds the shortest update; it writes into a
// memory file, so that paint() returns bytes and a stalled terminal stalls nobody: the caller
// sends them non-blocking and asks for no new frame until the last one is out.
//
// The locale's LC_CTYPE must be set by the program before open(). ncurses has global state, also where
// it seems to have several screens (6.4: deleting one frees the windows of the others): one Painter at
// a time, but for plain ones, and all on one thread.
#pragma once

#include <memory>
#include <string>

#include "core/error.hpp"
#include "tui/surface.hpp"

namespace bdsh::tui {

struct PainterOptions {
  std::string term;        // $TERM
  bool truecolor = false;  // $COLORTERM says truecolor or 24bit: "$TERM-direct" when it is known
  bool mouse = true;
  bool plain = false;  // without ncurses: more bytes, fewer kinds of terminals, any number at a time
};

// Whether open() would find the terminal fit. Nothing is drawn or kept.
Status check_terminal(const PainterOptions& options);

class Painter {
 public:
  // Errors: io, "unknown terminal …" or one that cannot move its cursor. Nothing is drawn yet;
  // signal handlers are as they were before.
  static Result<std::unique_ptr<Painter>> open(const PainterOptions& options, Size size);
  ~Painter();
  Painter(const Painter&) = delete;
  Painter& operator=(const Painter&) = delete;

  // Bytes that take the terminal over (alternate screen; paste, focus and mouse reports) and give
  // it back as it was. After leave(), enter() again: after a suspend.
  std::string enter();
  std::string leave();
  // What leave() would say, without leaving: for a signal handler's rescue data.
  std::string leave_bytes() const;

  std::string paint(const Surface& surface);  // only what changed since the last call
  void resize(Size size);                     // the next paint draws everything
  // Bytes that ask for mouse reports or take that back, at once and with later calls of enter().
  std::string set_mouse(bool on);
  void redraw();                              // the next paint draws everything
  int colors() const;                         // 0 … 256, or 1 << 24 for direct colour
  const std::string& term() const;            // the terminfo entry in use

  class Impl;

 private:
  explicit Painter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::tui
