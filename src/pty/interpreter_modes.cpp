// The interpreter's modes: setting, asking for, saving and resetting them.
#include <algorithm>

#include "pty/interpreter.hpp"

namespace bdsh::pty {
namespace {

enum Report { unknown = 0, set = 1, unset = 2, always = 3, never = 4 };

Report report(bool on) {
  return on ? set : unset;
}

// Known to terminals of this kind, without effect here: 80/132 columns, smooth scrolling, printing,
// Tektronix, locators, other spellings of mouse reports, keyboard and clipboard variants.
constexpr int kNever[] = {2,    3,    4,    18,   19,   38,   40,   41,   42,   44,   46,   60,
                          64,   81,   95,   1001, 1005, 1007, 1010, 1011, 1015, 1016, 1034, 1035,
                          1036, 1037, 1039, 1040, 1041, 1042, 1043, 1050, 1051, 1060};
constexpr int kAlways[] = {8};  // auto repeat: the user's keyboard has it

// ANSI modes that are what they are: the keyboard is never locked (KAM), nothing is echoed
// locally (SRM), and those that no terminal of this kind has.
constexpr int kNeverAnsi[] = {1, 2, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19};

template <std::size_t N>
bool holds(const int (&list)[N], int mode) {
  return std::find(std::begin(list), std::end(list), mode) != std::end(list);
}

}  // namespace

void Interpreter::set_ansi_mode(int mode, bool on) {
  if (mode != 4 && mode != 20) return;
  cancel_wrap();
  run("\x1b[" + std::to_string(mode) + (on ? 'h' : 'l'));
  (mode == 4 ? modes_.insert : modes_.newline) = on;
}

bool* Interpreter::flag(int mode) {
  switch (mode) {
    case 1:
      return &modes_.application_cursor;
    case 5:
      return &modes_.reverse_screen;
    case 12:
      return &modes_.cursor_blink;
    case 25:
      return &modes_.cursor_visible;
    case 45:
      return &modes_.reverse_wrap;
    case 66:
      return &modes_.application_keypad;
    case 67:
      return &modes_.backarrow_is_bs;
    case 1004:
      return &modes_.focus_reports;
    case 1006:
      return &modes_.mouse_sgr;
    case 1045:
      return &modes_.reverse_wrap_around;
    case 2004:
      return &modes_.bracketed_paste;
    case 2026:
      return &modes_.synchronized;
    default:
      return nullptr;
  }
}

void Interpreter::set_private_mode(int mode, bool on) {
  if (bool* plain = flag(mode)) {
    result_->damaged |= *plain != on && (mode == 5 || mode == 12 || mode == 25);
    *plain = on;
    if (mode == 1045) modes_.reverse_wrap = on;
    return;
  }
  switch (mode) {
    case 6:
      return set_origin(on);
    case 7:
      return set_autowrap(on);
    case 9:
      return set_mouse(MouseMode::press, on);
    case 69:
      return set_side_margin_mode(on);
    case 47:
    case 1047:
    case 1049:
      return set_alternate(mode, on);
    case 1000:
      return set_mouse(MouseMode::click, on);
    case 1002:
      return set_mouse(MouseMode::drag, on);
    case 1003:
      return set_mouse(MouseMode::any, on);
    case 1048:
      return on ? save_cursor() : restore_cursor();
    default:
      break;
  }
}

// libvterm is not told of margins at the sides.
void Interpreter::set_side_margin_mode(bool on) {
  modes_.side_margins = on;
  screen_.region_left = 0;
  screen_.region_right = screen_.size().cols.value;
  cancel_wrap();
}

void Interpreter::set_autowrap(bool on) {
  cancel_wrap();
  run(on ? "\x1b[?7h" : "\x1b[?7l");
  modes_.autowrap = on;
  vterm_.set_autowrap(on);
}

// Nor is it told of the origin: positions are worked out here.
void Interpreter::set_origin(bool on) {
  modes_.origin = on;
  move_to({0, 0});
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

// --- Asking, saving -----------------------------------------------------------------------------

int Interpreter::ansi_mode_state(int mode) const {
  if (mode == 4) return report(modes_.insert);
  if (mode == 20) return report(modes_.newline);
  if (mode == 12) return always;
  return holds(kNeverAnsi, mode) ? never : unknown;
}

int Interpreter::private_mode_state(int mode) {
  if (const bool* plain = flag(mode)) return report(*plain);
  switch (mode) {
    case 6:
      return report(modes_.origin);
    case 7:
      return report(modes_.autowrap);
    case 9:
      return report(modes_.mouse == MouseMode::press);
    case 47:
    case 1047:
    case 1049:
      return report(screen_.alternate());
    case 69:
      return report(modes_.side_margins);
    case 1000:
      return report(modes_.mouse == MouseMode::click);
    case 1002:
      return report(modes_.mouse == MouseMode::drag);
    case 1003:
      return report(modes_.mouse == MouseMode::any);
    default:
      return holds(kAlways, mode) ? always : holds(kNever, mode) ? never : unknown;
  }
}

void Interpreter::save_modes(const Csi& csi) {
  for (std::size_t i = 0; i < csi.count; ++i) {
    const int mode = csi.value(i, 0);
    const int state = private_mode_state(mode);
    if (state == set || state == unset) saved_modes_[mode] = state == set;
  }
}

void Interpreter::restore_modes(const Csi& csi) {
  for (std::size_t i = 0; i < csi.count; ++i)
    if (const auto found = saved_modes_.find(csi.value(i, 0)); found != saved_modes_.end())
      set_private_mode(found->first, found->second);
}

// --- Resetting ----------------------------------------------------------------------------------

void Interpreter::reset() {
  screen_.leave_alternate();
  screen_.pen = {};
  screen_.clear();
  screen_.cursor = {0, 0};
  screen_.pending_wrap = false;
  screen_.reset_region();
  modes_ = {};
  charsets_ = {};
  saved_ = {};
  saved_modes_.clear();
  last_printed_ = 0;
  level_ = 65;
  set_title("");
  titles_.clear();
  vterm_.reset();
  behind_ = true;
}

void Interpreter::soft_reset() {
  const Point at = screen_.cursor;
  set_ansi_mode(4, false);
  set_autowrap(true);
  set_side_margin_mode(false);
  modes_.origin = false;
  set_margins({});
  result_->damaged |= !modes_.cursor_visible;
  modes_.cursor_visible = true;
  modes_.other_keys = 0;
  modes_.application_cursor = modes_.application_keypad = false;
  modes_.reverse_wrap = modes_.reverse_wrap_around = false;
  modes_.iso_protection = modes_.rectangular_change = false;
  screen_.pen = {};
  charsets_ = {};
  saved() = {};
  move_to(at);
}

// DECSCL. All levels understand the same here.
void Interpreter::set_level(const Csi& csi) {
  const int level = csi.value(0, 0);
  if (level < 61 || level > 65) return;
  soft_reset();
  level_ = level;
}

}  // namespace bdsh::pty
