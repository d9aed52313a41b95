// The interpreter's control sequences.
#include <algorithm>

#include "pty/interpreter.hpp"
#include "pty/pen.hpp"
#include "pty/rectangles.hpp"

namespace bdsh::pty {

void Interpreter::csi(const Csi& csi) {
  if (csi.final == 0) return;
  if (csi.intermediate != 0) return csi_with_intermediate(csi);
  if (csi.leader != 0) return private_csi(csi);
  if (!move(csi)) plain_csi(csi);
}

bool Interpreter::move(const Csi& csi) {
  const int count = csi.at_least_one(0);
  Editor cursor = editor();
  switch (csi.final) {
    case 'A':
      cursor.up(count);
      break;
    case 'B':
      cursor.down(count);
      break;
    case 'C':
      cursor.right(count);
      break;
    case 'D':
      cursor.left(count);
      break;
    case 'E':
      cursor.down(count);
      cursor.carriage_return();
      break;
    case 'F':
      cursor.up(count);
      cursor.carriage_return();
      break;
    case 'G':
    case '`':
      cursor.to_col(count - 1);
      break;
    case 'H':
    case 'f':
      cursor.to({count - 1, csi.at_least_one(1) - 1});
      break;
    case 'a':
      cursor.right_anywhere(count);
      break;
    case 'd':
      cursor.to_row(count - 1);
      break;
    case 'e':
      cursor.down_anywhere(count);
      break;
    default:
      return false;
  }
  behind_ = true;
  return true;
}

void Interpreter::plain_csi(const Csi& csi) {
  switch (csi.final) {
    case 'm':
      apply_sgr(csi, screen_.pen);
      break;
    case 'J':
      erase_display(csi.value(0, 0), false);
      break;
    case 'K':
      erase_line(csi.value(0, 0), false);
      break;
    case 'X':
      erase_characters(csi.at_least_one(0));
      break;
    case 'b':
      repeat(csi.at_least_one(0));
      break;
    case 'r':
      set_margins(csi);
      break;
    case 's':
      modes_.side_margins ? set_side_margins(csi) : save_cursor();
      break;
    case 'u':
      restore_cursor();
      break;
    case 'h':
    case 'l':
      for (std::size_t i = 0; i < csi.count; ++i) set_ansi_mode(csi.value(i, 0), csi.final == 'h');
      break;
    case 'c':
      if (csi.value(0, 0) == 0) reply("\x1b[?62;22c");
      break;
    case 'n':
      report_status(csi.value(0, 0));
      break;
    case 't':
      window_operation(csi);
      break;
    case 'I':
    case 'Z':
      tab(csi.final, csi.at_least_one(0));
      break;
    case 'g':
      send(csi);
      break;
    default:
      edit(csi);
      break;
  }
}

// ICH, IL, DL, DCH, SU, SD, and ECMA-48's final byte of SD.
void Interpreter::edit(const Csi& csi) {
  constexpr std::string_view kKnown = "@LMPST^";
  if (kKnown.find(csi.final) == std::string_view::npos) return;
  if (csi.final == 'T' && csi.count > 1) return;  // highlight tracking, not scrolling
  Csi wanted = csi;
  if (csi.final == '^') wanted.final = 'T';
  if (wanted.final != 'S' && wanted.final != 'T') cancel_wrap();
  if (modes_.side_margins) return edit_between_margins(wanted);
  const bool lines = wanted.final == 'L' || wanted.final == 'M';
  if (!lines || editor().inside_rows()) send(wanted);
}

void Interpreter::edit_between_margins(const Csi& csi) {
  const int count = std::min(csi.at_least_one(0), Grid::kMaxRows + Grid::kMaxCols);
  Editor here = editor();
  switch (csi.final) {
    case '@':
      return here.insert_cells(count);
    case 'P':
      return here.delete_cells(count);
    case 'L':
      return here.insert_lines(count);
    case 'M':
      return here.delete_lines(count);
    case 'S':
      return here.scroll_up(count);
    default:
      return here.scroll_down(count);
  }
}

void Interpreter::private_csi(const Csi& csi) {
  if (csi.leader == '?') {
    switch (csi.final) {
      case 'h':
      case 'l':
        for (std::size_t i = 0; i < csi.count; ++i)
          set_private_mode(csi.value(i, 0), csi.final == 'h');
        break;
      case 's':
        return save_modes(csi);
      case 'r':
        return restore_modes(csi);
      case 'J':
        return erase_display(csi.value(0, 0), true);
      case 'K':
        return erase_line(csi.value(0, 0), true);
      case 'm':  // XTQMODKEYS
        if (csi.value(0, 0) == 4) reply("\x1b[>4;" + std::to_string(modes_.other_keys) + 'm');
        break;
      case 'n':
        return report_device_status(csi);
      case 'W':
        if (csi.value(0, 0) == 5) reset_tab_stops();
        break;
      default:
        break;
    }
    return;
  }
  if (csi.leader == '>' && (csi.final == 'm' || csi.final == 'n')) set_other_keys(csi);
  // vim takes this answer for libvterm's and then leaves out questions we would not answer.
  if (csi.leader == '>' && csi.final == 'c' && csi.value(0, 0) == 0) reply("\x1b[>0;100;0c");
  if (csi.leader == '>' && csi.final == 'q' && csi.value(0, 0) == 0) reply("\x1bP>|bdsh-tui\x1b\\");
  if (csi.leader == '=' && csi.final == 'c' && csi.value(0, 0) == 0) reply("\x1bP!|00000000\x1b\\");
}

void Interpreter::csi_with_intermediate(const Csi& csi) {
  if (csi.intermediate == '$' && csi.final == 'p') return report_mode(csi);
  if (csi.leader != 0) return;
  switch (csi.intermediate) {
    case ' ':
      if (csi.final == 'q') set_cursor_style(csi.value(0, 0));
      break;
    case '!':
      if (csi.final == 'p') soft_reset();
      break;
    case '"':
      if (csi.final == 'q') protect(csi.value(0, 0));
      if (csi.final == 'p') set_level(csi);
      break;
    case '\'':
      cancel_wrap();
      if (csi.final == '}') editor().insert_columns(csi.at_least_one(0));
      if (csi.final == '~') editor().delete_columns(csi.at_least_one(0));
      break;
    case '*':
      if (csi.final == 'x') modes_.rectangular_change = csi.value(0, 0) == 2;
      break;
    case '$':
      rectangle(csi);
      break;
    default:
      break;
  }
}

void Interpreter::rectangle(const Csi& csi) {
  Rectangles areas(screen_, editor().origin_area());
  switch (csi.final) {
    case 'v':
      return areas.copy(csi);
    case 'x':
      return areas.fill(csi);
    case 'z':
      return areas.erase(csi);
    case '{':
      return areas.erase_unprotected(csi);
    case 'r':
    case 't':
      return areas.change_attributes(csi, csi.final == 't', !modes_.rectangular_change);
    default:
      break;
  }
}

// --- Erasing ------------------------------------------------------------------------------------

void Interpreter::erase(const Rect& rect, bool selective) {
  selective != modes_.iso_protection ? screen_.erase_unprotected(rect) : screen_.erase(rect);
}

void Interpreter::erase_display(int what, bool selective) {
  const Size size = screen_.size();
  const Point at = screen_.cursor;
  const int below = at.row + 1;
  if (what == 0) {
    erase_line(0, selective);
    erase({below, 0, size.rows.value - below, size.cols.value}, selective);
  } else if (what == 1) {
    erase({0, 0, at.row, size.cols.value}, selective);
    erase_line(1, selective);
  } else if (what == 2) {
    erase({0, 0, size.rows.value, size.cols.value}, selective);
  } else if (what == 3 && !selective) {
    screen_.clear_scrollback();
  }
}

void Interpreter::erase_line(int what, bool selective) {
  const int cols = screen_.size().cols.value;
  const Point at = screen_.cursor;
  // With a pending wrap the cursor is behind the last column, as tmux has it: the character that
  // was just printed there stays (grep --color ends each match with EL).
  if (what == 0 && !screen_.pending_wrap) erase({at.row, at.col, 1, cols - at.col}, selective);
  if (what == 1) erase({at.row, 0, 1, at.col + 1}, selective);
  if (what == 2) erase({at.row, 0, 1, cols}, selective);
}

void Interpreter::erase_characters(int count) {
  if (screen_.pending_wrap) return;
  const Point at = screen_.cursor;
  erase({at.row, at.col, 1, std::min(count, screen_.size().cols.value - at.col)}, false);
}

// XTMODKEYS: of the resources only modifyOtherKeys (4) can be set.
void Interpreter::set_other_keys(const Csi& csi) {
  const bool all = csi.count == 0 || csi.value(0, 4) == 4;
  if (all) modes_.other_keys = csi.final == 'n' ? 0 : std::clamp(csi.value(1, 0), 0, 2);
}

// DECSCA.
void Interpreter::protect(int what) {
  if (what < 0 || what > 2) return;
  modes_.iso_protection = false;
  screen_.pen.guarded = what == 1;
}

// --- Margins, tab stops, looks ------------------------------------------------------------------

void Interpreter::set_margins(const Csi& csi) {
  const int rows = screen_.size().rows.value;
  const int top = csi.at_least_one(0);
  const int wanted = csi.value(1, 0);
  const int bottom = wanted == 0 ? rows : std::min(wanted, rows);
  if (top >= bottom && rows > 1) return;
  cancel_wrap();
  run("\x1b[" + std::to_string(top) + ';' + std::to_string(bottom) + 'r');
  screen_.region_top = rows > 1 ? top - 1 : 0;
  screen_.region_bottom = bottom;
  move_to({0, 0});
}

void Interpreter::set_side_margins(const Csi& csi) {
  const int cols = screen_.size().cols.value;
  const int left = csi.at_least_one(0);
  const int wanted = csi.value(1, 0);
  const int right = wanted == 0 ? cols : std::min(wanted, cols);
  if (left >= right) return;
  screen_.region_left = left - 1;
  screen_.region_right = right;
  move_to({0, 0});
}

// DECST8C: every eighth column.
void Interpreter::reset_tab_stops() {
  cancel_wrap();
  const Point at = screen_.cursor;
  run("\x1b[3g");
  for (int col = 8; col < screen_.size().cols.value; col += 8)
    run("\x1b[1;" + std::to_string(col + 1) + "H\x1bH");
  screen_.cursor = at;
  behind_ = true;
}

void Interpreter::set_cursor_style(int style) {
  if (style < 0 || style > 6) return;
  modes_.cursor_blink = style == 0 || style % 2 == 1;
  modes_.cursor_shape = style <= 2   ? CursorShape::block
                        : style <= 4 ? CursorShape::underline
                                     : CursorShape::bar;
  result_->damaged = true;
}

// Sizes in cells are told, the window itself is the user's: nothing moves, resizes or reads it.
void Interpreter::window_operation(const Csi& csi) {
  const int what = csi.value(0, 0);
  const Size size = screen_.size();
  if (what == 11) reply("\x1b[1t");  // not iconified
  if (what == 18 || what == 19)
    reply("\x1b[" + std::to_string(what - 10) + ';' + std::to_string(size.rows.value) + ';' +
          std::to_string(size.cols.value) + 't');
  const bool of_window = csi.value(1, 0) != 1;  // 1: the icon's title alone
  if (what == 22 && of_window && titles_.size() < kMaxTitles) titles_.push_back(title_);
  if (what == 23 && of_window && !titles_.empty()) {
    set_title(titles_.back());
    titles_.pop_back();
  }
}

}  // namespace bdsh::pty
