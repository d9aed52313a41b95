// The interpreter's modes: setting, asking for and resetting them.
#include "pty/interpreter.hpp"

namespace bdsh::pty {

void Interpreter::set_ansi_mode(int mode, bool on) {
  if (mode != 4 && mode != 20) return;
  cancel_wrap();
  run("\x1b[" + std::to_string(mode) + (on ? 'h' : 'l'));
  (mode == 4 ? modes_.insert : modes_.newline) = on;
}

void Interpreter::set_private_mode(int mode, bool on) {
  switch (mode) {
    case 5:
      modes_.reverse_screen = on;
      break;
    case 6:
      set_origin(on);
      break;
    case 7:
      cancel_wrap();
      run(on ? "\x1b[?7h" : "\x1b[?7l");
      modes_.autowrap = on;
      vterm_.set_autowrap(on);
      break;
    case 12:
      modes_.cursor_blink = on;
      break;
    case 25:
      modes_.cursor_visible = on;
      break;
    case 69:
      set_side_margin_mode(on);
      break;
    case 47:
    case 1047:
    case 1049:
      set_alternate(mode, on);
      break;
    case 1048:
      on ? save_cursor() : restore_cursor();
      break;
    case 2026:
      modes_.synchronized = on;
      break;
    default:
      set_input_mode(mode, on);
      break;
  }
  if (mode == 5 || mode == 25) result_->damaged = true;
}

// libvterm keeps margins for the next time, xterm does not: they are taken back while they count.
void Interpreter::set_side_margin_mode(bool on) {
  cancel_wrap();
  const Point at = screen_.cursor;
  if (modes_.side_margins) run("\x1b[s");
  run(on ? "\x1b[?69h" : "\x1b[?69l");
  modes_.side_margins = on;
  left_margin_ = 0;
  right_margin_ = screen_.size().cols.value;
  move_to(at);
}

void Interpreter::set_input_mode(int mode, bool on) {
  switch (mode) {
    case 1:
      modes_.application_cursor = on;
      break;
    case 66:
      modes_.application_keypad = on;
      break;
    case 1000:
      set_mouse(MouseMode::click, on);
      break;
    case 1002:
      set_mouse(MouseMode::drag, on);
      break;
    case 1003:
      set_mouse(MouseMode::any, on);
      break;
    case 1004:
      modes_.focus_reports = on;
      break;
    case 1006:
      modes_.mouse_sgr = on;
      break;
    case 2004:
      modes_.bracketed_paste = on;
      break;
    default:
      break;
  }
}

void Interpreter::set_mouse(MouseMode mode, bool on) {
  modes_.mouse = on ? mode : MouseMode::off;
}

void Interpreter::set_alternate(int mode, bool on) {
  if (on && !screen_.alternate()) {
    if (mode == 1049) save_cursor();
    screen_.enter_alternate();
  }
  if (!on) {
    screen_.leave_alternate();
    if (mode == 1049) restore_cursor();  // also when it was left before, as xterm and tmux do
  }
}

void Interpreter::set_origin(bool on) {
  cancel_wrap();
  run(on ? "\x1b[?6h" : "\x1b[?6l");
  modes_.origin = on;
}

int Interpreter::ansi_mode_state(int mode) const {
  if (mode == 4) return modes_.insert ? 1 : 2;
  if (mode == 20) return modes_.newline ? 1 : 2;
  return 0;
}

int Interpreter::private_mode_state(int mode) const {
  const auto state = [](bool on) { return on ? 1 : 2; };
  switch (mode) {
    case 1:
      return state(modes_.application_cursor);
    case 5:
      return state(modes_.reverse_screen);
    case 6:
      return state(modes_.origin);
    case 7:
      return state(modes_.autowrap);
    case 12:
      return state(modes_.cursor_blink);
    case 25:
      return state(modes_.cursor_visible);
    case 47:
    case 1047:
    case 1049:
      return state(screen_.alternate());
    case 66:
      return state(modes_.application_keypad);
    case 69:
      return state(modes_.side_margins);
    case 1000:
      return state(modes_.mouse == MouseMode::click);
    case 1002:
      return state(modes_.mouse == MouseMode::drag);
    case 1003:
      return state(modes_.mouse == MouseMode::any);
    case 1004:
      return state(modes_.focus_reports);
    case 1006:
      return state(modes_.mouse_sgr);
    case 2004:
      return state(modes_.bracketed_paste);
    case 2026:
      return state(modes_.synchronized);
    default:
      return 0;
  }
}

void Interpreter::reset() {
  screen_.leave_alternate();
  screen_.pen = {};
  screen_.clear();
  screen_.cursor = {0, 0};
  screen_.pending_wrap = false;
  screen_.region_top = 0;
  screen_.region_bottom = screen_.size().rows.value;
  left_margin_ = 0;
  right_margin_ = screen_.size().cols.value;
  modes_ = {};
  charsets_ = {};
  saved_ = {};
  last_printed_ = 0;
  vterm_.reset();
  behind_ = true;
}

void Interpreter::soft_reset() {
  const Point at = screen_.cursor;
  set_ansi_mode(4, false);
  set_private_mode(7, true);
  set_private_mode(69, false);
  set_origin(false);
  set_margins({});
  modes_.cursor_visible = true;
  modes_.application_cursor = modes_.application_keypad = false;
  screen_.pen = {};
  charsets_ = {};
  saved() = {};
  move_to(at);
}

}  // namespace bdsh::pty
