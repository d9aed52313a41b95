// One event from the user's terminal. `bytes` is what arrived, unchanged: text, control bytes and
// Alt combinations are forwarded to hosts as they came; the other codes are encoded by each
// host's own terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/geometry.hpp"

namespace bdsh {

enum class KeyCode : std::uint8_t {
  text,  // a character, with or without Ctrl and Alt; `ch` holds it
  enter, tab, backspace, escape,
  up, down, left, right, home, end, insert, del, page_up, page_down,
  f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12,
  paste,       // bracketed paste; `text` holds it, whole
  mouse,       // `mouse` holds it
  focus_in, focus_out,
  unknown,     // a sequence not understood; only `bytes` is set
};

// What stands around a paste in the bytes of a terminal that marks pastes (xterm's mode 2004).
inline constexpr std::string_view kPasteBegin = "\x1b[200~";
inline constexpr std::string_view kPasteEnd = "\x1b[201~";

struct Mods {
  bool shift = false;
  bool alt = false;
  bool ctrl = false;
  friend constexpr bool operator==(Mods, Mods) = default;
};

struct MouseEvent {
  enum class Kind : std::uint8_t { press, release, move, wheel_up, wheel_down };
  Kind kind = Kind::press;
  int button = 0;  // 1 left, 2 middle, 3 right; 0 with none held
  Point at;        // cell, zero-based
  friend constexpr bool operator==(const MouseEvent&, const MouseEvent&) = default;
};

struct Key {
  KeyCode code = KeyCode::unknown;
  Mods mods;
  // text: the character. With Ctrl the lower-case letter or sign ('a' with ctrl is byte 0x01, ']'
  // with ctrl is 0x1D). Ctrl-I, Ctrl-M and Ctrl-[ arrive as tab, enter and escape.
  char32_t ch = 0;
  bool keypad = false;  // of the numeric keypad, where the user's terminal tells; `code` is text
  std::string bytes;
  std::string text;
  MouseEvent mouse;

  static Key character(char32_t ch, Mods mods = {});  // with its bytes
  static Key ctrl(char letter) { return character(static_cast<char32_t>(letter), {false, false, true}); }
  static Key special(KeyCode code, Mods mods = {});  // bytes as xterm sends them in normal mode
  friend bool operator==(const Key&, const Key&) = default;
};

}  // namespace bdsh
