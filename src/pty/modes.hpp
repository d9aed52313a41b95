// The modes a host's program has set that something beside libvterm must know.
#pragma once

#include "core/screen.hpp"

namespace bdsh::pty {

enum class MouseMode { off, click, drag, any };  // DECSET 1000, 1002, 1003

struct Modes {
  // Input: how keys are encoded.
  bool application_cursor = false;  // DECCKM
  bool application_keypad = false;  // DECKPAM
  bool bracketed_paste = false;     // 2004
  bool focus_reports = false;       // 1004
  MouseMode mouse = MouseMode::off;
  bool mouse_sgr = false;  // 1006

  // Output: where text goes.
  bool insert = false;        // IRM
  bool newline = false;       // LNM
  bool autowrap = true;       // DECAWM
  bool origin = false;        // DECOM
  bool side_margins = false;  // DECLRMM
  bool synchronized = false;  // 2026

  // Looks.
  bool cursor_visible = true;   // DECTCEM
  bool cursor_blink = true;     // 12
  bool reverse_screen = false;  // DECSCNM
  CursorShape cursor_shape = CursorShape::block;
};

}  // namespace bdsh::pty
