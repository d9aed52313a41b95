// One host's terminal: bytes in, cells and logical lines out. Knows no SSH and no screens of the
// user; built from the sequencer, libvterm's state layer and a grid of our own (docs/terminal.md).
//
// Feed returns, never calls back: what the terminal wants to send to its host comes back from
// feed(). Control sequences: ECMA-48 and xterm's ctlseqs. Host bytes are untrusted: any input is
// accepted, memory stays bounded, and titles are sanitised here.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.hpp"
#include "core/geometry.hpp"
#include "core/key.hpp"
#include "core/screen.hpp"

namespace bdsh::pty {

struct TerminalOptions {
  Size size{Rows{24}, Cols{80}};
  std::size_t scrollback_lines = 10'000;
  // plain: the host has no PTY (batch runs): a bare LF starts a new line, and logical lines are
  // those of the byte stream itself (tabs kept, no wrapping).
  enum class Kind { pty, plain } kind = Kind::pty;
  bool express_lane = true;  // off: all text through libvterm, to compare with (tests)
  // Logical lines are counted from here: what a terminal begins with that goes on from the middle
  // of a log, its earlier lines as if they had left the scrollback.
  std::uint64_t first_line = 0;
  std::size_t scrollback_bytes = 4U << 20U;  // beyond it the oldest lines go, however few they are
  // Of the scrollback, so many of the newest rows are wrapped anew when the width changes, at about
  // a microsecond each; older ones are cut on a narrower screen.
  std::size_t rewrapped_rows = 10'000;
};

// OSC 133 (FinalTerm shell integration): where prompts and commands begin and end.
struct ShellMark {
  enum class Kind { prompt_start, command_start, output_start, command_end } kind;
  std::uint64_t line = 0;          // logical line the cursor was on
  std::optional<int> exit_status;  // of command_end
};

struct FeedResult {
  std::string replies;   // to be written to this host, in order
  bool damaged = false;  // the screen changed
  bool bell = false;
  bool title_changed = false;
  bool url_host_changed = false;
  std::vector<ShellMark> marks;
  // What the host would put on the clipboard (xterm's control sequences, OSC 52): base64 as it came,
  // unchecked, at most Sequencer::kMaxString bytes; the last of several. Questions are not answered.
  std::string clipboard;
};

class HostTerminal {
 public:
  // `tables` outlives the terminal.
  HostTerminal(CellTables& tables, const TerminalOptions& options);
  ~HostTerminal();
  HostTerminal(HostTerminal&&) noexcept;
  HostTerminal& operator=(HostTerminal&&) noexcept;

  FeedResult feed(std::string_view bytes);
  void resize(Size size);
  Size size() const;

  // The bytes this key is for this host's program, given the modes it has set: cursor and keypad
  // keys, bracketed paste (mode 2004; an embedded ESC[201~ is removed), mouse and focus reports
  // when asked for (else empty). Text and control bytes are returned as they came.
  std::string encode(const Key& key) const;

  // Synchronized output (mode 2026): until the program ends it, what is shown below is the screen
  // as it was when it began. A caller that has waited for kSynchronizedPatience ends it.
  static constexpr std::chrono::milliseconds kSynchronizedPatience{150};
  bool synchronizing() const;
  void end_synchronized();

  // The screen, or what was on it `scroll_back` rows ago (0: live; clamped to scrollback_rows()), or
  // a part of that.
  ScreenSnapshot snapshot(int scroll_back = 0, Rect part = kWholeScreen) const;
  ScreenPlace place() const;  // of the screen that snapshot() shows live
  int scrollback_rows() const;
  std::uint64_t rows_scrolled() const;  // off the top of the primary screen since the start
  bool alternate() const;  // a full-screen program has the screen
  bool wants_mouse() const;
  Point cursor() const;  // on the live screen
  bool cursor_visible() const;
  const std::string& title() const;
  // The host that a shell named last in its working directory's URL (OSC 7), letters, digits and
  // "-._" only; empty: none.
  const std::string& url_host() const;
  // Of a row of the live screen, from its cells alone: equal rows, equal hashes.
  std::uint64_t row_hash(int row) const;
  // A terminal begun here (TerminalOptions::first_line = open_line()) would show the same of what
  // follows, once it has scrolled by a screen: the cursor stands at the beginning of an empty line
  // with nothing below, and no mode, colour, margin or unfinished sequence is left from before.
  // Tab stops set by the program are not looked at.
  bool at_rest() const;
  std::size_t memory_bytes() const;  // cells and scrollback, about; without libvterm's part

  // Logical lines of the primary screen since the start: wrapped rows joined, trailing blanks cut,
  // no colours, UTF-8. Line open_line() is the one the cursor is on; all before it are complete.
  // Lines can change after they were complete (a program moved the cursor up), and the count can
  // shrink (the screen was cleared).
  std::uint64_t open_line() const;
  std::uint64_t first_kept_line() const;        // older ones left the scrollback
  std::string line(std::uint64_t index) const;  // empty when not kept or beyond the end
  std::uint64_t line_end() const;               // one past the last line with content or cursor
  // The lowest index whose text changed, appeared, vanished, was completed or was opened again
  // since the last call; nothing when no line was. Every line of one feed can be read after it;
  // the next feed drops what exceeds the scrollback: call after each feed.
  std::optional<std::uint64_t> take_changed_from();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::pty
