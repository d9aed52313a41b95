// The modes a host's program has set that something beside libvterm must know.
#pragma once

#include "core/screen.hpp"

namespace bdsh::pty {

enum class MouseMode { off, press, click, drag, any };  // DECSET 9, 1000, 1002, 1003

struct Modes {
  // Input: how keys are encoded.
  bool application_cursor = false;  // DECCKM
  bool application_keypad = false;  // DECKPAM
  bool backarrow_is_bs = false;     // DECBKM
  int other_keys = 0;               // modifyOtherKeys: 0, 1 or 2
  bool bracketed_paste = false;     // 2004
  bool focus_reports = false;       // 1004
  MouseMode mouse = MouseMode::off;
  bool mouse_sgr = false;  // 1006

  // Output: where text goes.
  bool insert = false;               // IRM
  bool newline = false;              // LNM
  bool autowrap = true;              // DECAWM
  bool origin = false;               // DECOM
  bool side_margins = false;         // DECLRMM
  bool synchronized = false;         // 2026
  bool reverse_wrap = false;         // 45: BS and CUB go on in the row above
  bool reverse_wrap_around = false;  // 1045: and from the top to the bottom
  // Who honours protected cells: ED, EL and ECH (SPA), else DECSED, DECSEL and DECSERA (DECSCA).
  bool iso_protection = false;
  bool rectangular_change = false;  // DECSACE 2: DECCARA and DECRARA change a rectangle

  // Looks.
  bool cursor_visible = true;   // DECTCEM
  bool cursor_blink = true;     // 12
  bool reverse_screen = false;  // DECSCNM
  CursorShape cursor_shape = CursorShape::block;
};

}  // namespace bdsh::pty
