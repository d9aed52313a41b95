#include "pty/interpreter.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "pty/pen.hpp"

namespace bdsh::pty {

Interpreter::Interpreter(CellTables& tables, const TerminalOptions& options)
    : lane_(options.express_lane),
      plain_(options.kind == TerminalOptions::Kind::plain),
      screen_(tables, options.size, options.scrollback_lines),
      vterm_(screen_),
      right_margin_(screen_.size().cols.value) {}

void Interpreter::handle(const Unit& unit, FeedResult& result) {
  result_ = &result;
  switch (unit.kind) {
    case Unit::Kind::none:
      break;
    case Unit::Kind::ascii:
      print_ascii(unit.text);
      break;
    case Unit::Kind::glyph:
      print(unit.code);
      break;
    case Unit::Kind::control:
      control(unit.code);
      break;
    case Unit::Kind::escape:
      escape(unit.text);
      break;
    case Unit::Kind::csi:
      csi(parse_csi(unit.text));
      break;
    case Unit::Kind::osc:
      osc(unit.text);
      break;
    case Unit::Kind::dcs:
      dcs(unit.text);
      break;
  }
}

void Interpreter::resize(Size size) {
  screen_.resize(size);
  vterm_.resize(screen_.size());
  left_margin_ = 0;
  right_margin_ = screen_.size().cols.value;
  modes_.side_margins = false;
  behind_ = true;
}

// --- Between the screen and libvterm ------------------------------------------------------------

bool Interpreter::plain_state() const {
  return modes_.autowrap && !modes_.insert && !modes_.newline && !modes_.origin &&
         !modes_.side_margins;
}

void Interpreter::run(std::string_view sequence, bool keep) {
  if (behind_) vterm_.catch_up();
  behind_ = false;
  vterm_.set_keep(keep);
  vterm_.run(sequence);
}

// Puts `csi` together anew, with parameters that a screen of any size cannot be hurt by.
void Interpreter::send(const Csi& csi, std::size_t max_params) {
  std::string sequence = "\x1b[";
  for (std::size_t i = 0; i < std::min(csi.count, max_params); ++i) {
    if (i > 0) sequence += ';';
    if (csi.params[i].value != Csi::kMissing)
      sequence += std::to_string(std::min(csi.params[i].value, Grid::kMaxRows + Grid::kMaxCols));
  }
  if (csi.intermediate != 0) sequence += csi.intermediate;
  sequence += csi.final;
  run(sequence, csi.final == 'S');
}

// A cursor that is moved, even to where it is, no longer wraps. libvterm wraps all the same.
void Interpreter::cancel_wrap() {
  if (!screen_.pending_wrap) return;
  if (plain_state()) {
    screen_.pending_wrap = false;
    behind_ = true;
  } else {
    run("\b");
    run("\x1b[C");
  }
}

void Interpreter::move_to(Point at) {
  const Size size = screen_.size();
  at.row = std::clamp(at.row, 0, size.rows.value - 1);
  at.col = std::clamp(at.col, 0, size.cols.value - 1);
  if (plain_state()) {
    screen_.cursor = at;
    screen_.pending_wrap = false;
    behind_ = true;
    return;
  }
  cancel_wrap();
  const int top = modes_.origin ? screen_.region_top : 0;
  const int left = modes_.origin && modes_.side_margins ? left_margin_ : 0;
  run("\x1b[" + std::to_string(std::max(at.row - top, 0) + 1) + ';' +
      std::to_string(std::max(at.col - left, 0) + 1) + 'H');
}

void Interpreter::save_cursor() {
  saved() = {screen_.cursor, screen_.pending_wrap, modes_.origin, screen_.pen, charsets_};
}

void Interpreter::restore_cursor() {
  const SavedCursor from = saved();
  screen_.pen = from.pen;
  charsets_ = from.charsets;
  if (modes_.origin != from.origin) set_origin(from.origin);
  move_to(from.at);
  const bool at_edge = screen_.cursor.col == screen_.size().cols.value - 1;
  if (from.pending_wrap && at_edge && plain_state()) screen_.pending_wrap = true;
}

// --- Text ---------------------------------------------------------------------------------------

void Interpreter::print_ascii(std::string_view text) {
  if (!charsets_.plain() || !lane_ || !plain_state()) {
    for (const char c : text) print(charsets_.map(c));
    return;
  }
  screen_.print_ascii(text);
  behind_ = true;
  last_printed_ = static_cast<unsigned char>(text.back());
}

void Interpreter::print(char32_t code) {
  const int width = char_width(code);
  if (width < 0) return;
  if (width == 0) return screen_.combine(code);
  last_printed_ = code;
  if (!lane_ || !plain_state()) return print_slowly(code, width);
  screen_.print(code, width);
  behind_ = true;
}

void Interpreter::print_slowly(char32_t code, int width) {
  if (behind_) vterm_.catch_up();
  behind_ = false;
  vterm_.print(code, width);
  // After a wide glyph in the last columns libvterm's cursor stays on its left half.
  if (!screen_.pending_wrap || !plain_state()) return;
  screen_.cursor.col = screen_.size().cols.value - 1;
  behind_ = true;
}

void Interpreter::repeat(int count) {
  // Up to one row: more is of no use to a program, and of great use to an attacker.
  if (last_printed_ == 0) return;
  for (int i = std::min(count, screen_.size().cols.value); i > 0; --i) print(last_printed_);
}

void Interpreter::control(char32_t code) {
  switch (code) {
    case 0x07:
      result_->bell = true;
      break;
    case 0x08:
      backspace();
      break;
    case 0x09:
      run("\t");
      break;
    case 0x0A:
    case 0x0B:
    case 0x0C:
      line_feed(code);
      break;
    case 0x0D:
      carriage_return();
      break;
    case 0x0E:
      charsets_.invoke(1);
      break;
    case 0x0F:
      charsets_.invoke(0);
      break;
    default:
      break;
  }
}

void Interpreter::line_feed(char32_t code) {
  if (plain_ && code == 0x0A) carriage_return();
  if (!lane_ || !plain_state()) return run("\n", true);
  screen_.line_feed();
  behind_ = true;
}

void Interpreter::carriage_return() {
  if (!lane_ || !plain_state()) return run("\r");
  screen_.cursor.col = 0;
  screen_.pending_wrap = false;
  behind_ = true;
}

void Interpreter::backspace() {
  if (!lane_ || !plain_state()) return run("\b");
  if (screen_.cursor.col == 0) return;
  --screen_.cursor.col;
  screen_.pending_wrap = false;
  behind_ = true;
}

// --- Escape sequences ---------------------------------------------------------------------------

void Interpreter::escape(std::string_view text) {
  if (text.size() == 2) {
    if (text == "#8") {
      screen_.fill('E');
      move_to({0, 0});
    }
    return designate(text);
  }
  if (text.size() != 1) return;
  switch (text[0]) {
    case '7':
      save_cursor();
      break;
    case '8':
      restore_cursor();
      break;
    case 'c':
      reset();
      break;
    case '=':
      modes_.application_keypad = true;
      break;
    case '>':
      modes_.application_keypad = false;
      break;
    case 'D':
      run("\x1b"
          "D",
          true);
      break;
    case 'E':
      run("\x1b"
          "E",
          true);
      break;
    case 'M':
      run("\x1b"
          "M");
      break;
    case 'H':
      run("\x1b"
          "H");
      break;
    case 'n':
      charsets_.invoke(2);
      break;
    case 'o':
      charsets_.invoke(3);
      break;
    default:
      break;
  }
}

void Interpreter::designate(std::string_view text) {
  constexpr std::string_view kSlots = "()*+";
  const std::size_t slot = kSlots.find(text[0]);
  if (slot != std::string_view::npos) charsets_.designate(slot, text[1]);
}

// --- Control sequences --------------------------------------------------------------------------

void Interpreter::csi(const Csi& csi) {
  if (csi.final == 0) return;
  if (csi.intermediate != 0) return csi_with_intermediate(csi);
  if (csi.leader != 0) return private_csi(csi);
  plain_csi(csi);
}

void Interpreter::plain_csi(const Csi& csi) {
  switch (csi.final) {
    case 'm':
      apply_sgr(csi, screen_.pen);
      break;
    case 'J':
      erase_display(csi.value(0, 0));
      break;
    case 'K':
      erase_line(csi.value(0, 0));
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
      report_status(csi.value(0, 0), false);
      break;
    case 't':
      window_operation(csi);
      break;
    default:
      movement(csi);
      break;
  }
}

void Interpreter::movement(const Csi& csi) {
  constexpr std::string_view kKnown = "@ABCDEFGHILMPSTZ`adefg";
  if (kKnown.find(csi.final) == std::string_view::npos) return;
  if (csi.final == 'T' && csi.count > 1) return;  // highlight tracking, not scrolling
  if (csi.final == 'g') return send(csi, 1);
  if (csi.final != 'S' && csi.final != 'T') cancel_wrap();
  if (plain_state() && (csi.final == 'H' || csi.final == 'f'))
    return move_to({csi.at_least_one(0) - 1, csi.at_least_one(1) - 1});
  send(csi, csi.final == 'H' || csi.final == 'f' ? 2 : 1);
}

void Interpreter::private_csi(const Csi& csi) {
  if (csi.leader == '?') {
    switch (csi.final) {
      case 'h':
      case 'l':
        for (std::size_t i = 0; i < csi.count; ++i)
          set_private_mode(csi.value(i, 0), csi.final == 'h');
        break;
      case 'J':
        erase_display(csi.value(0, 0));
        break;  // nothing is protected
      case 'K':
        erase_line(csi.value(0, 0));
        break;
      case 'n':
        report_status(csi.value(0, 0), true);
        break;
      default:
        break;
    }
    return;
  }
  // vim takes this answer for libvterm's and then leaves out questions we would not answer.
  if (csi.leader == '>' && csi.final == 'c') reply("\x1b[>0;100;0c");
  if (csi.leader == '>' && csi.final == 'q' && csi.value(0, 0) == 0) reply("\x1bP>|bdsh-tui\x1b\\");
  if (csi.leader == '=' && csi.final == 'c') reply("\x1bP!|00000000\x1b\\");
}

void Interpreter::csi_with_intermediate(const Csi& csi) {
  if (csi.intermediate == '$' && csi.final == 'p') return report_mode(csi);
  if (csi.leader != 0) return;
  if (csi.intermediate == ' ' && csi.final == 'q') set_cursor_style(csi.value(0, 0));
  if (csi.intermediate == '!' && csi.final == 'p') soft_reset();
  if (csi.intermediate == '\'' && (csi.final == '}' || csi.final == '~')) send(csi, 1);
}

void Interpreter::erase_display(int what) {
  const Size size = screen_.size();
  const Point at = screen_.cursor;
  const int below = at.row + 1;
  if (what == 0) {
    erase_line(0);
    screen_.erase({below, 0, size.rows.value - below, size.cols.value});
  } else if (what == 1) {
    screen_.erase({0, 0, at.row, size.cols.value});
    erase_line(1);
  } else if (what == 2) {
    screen_.clear();
  } else if (what == 3) {
    screen_.clear_scrollback();
  }
}

void Interpreter::erase_line(int what) {
  const int cols = screen_.size().cols.value;
  const Point at = screen_.cursor;
  // With a pending wrap the cursor is behind the last column, as tmux has it: the character that
  // was just printed there stays (grep --color ends each match with EL).
  if (what == 0 && !screen_.pending_wrap) screen_.erase({at.row, at.col, 1, cols - at.col});
  if (what == 1) screen_.erase({at.row, 0, 1, at.col + 1});
  if (what == 2) screen_.erase({at.row, 0, 1, cols});
}

void Interpreter::erase_characters(int count) {
  if (screen_.pending_wrap) return;
  const Point at = screen_.cursor;
  screen_.erase({at.row, at.col, 1, std::min(count, screen_.size().cols.value - at.col)});
}

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
}

void Interpreter::set_side_margins(const Csi& csi) {
  const int cols = screen_.size().cols.value;
  const int left = csi.at_least_one(0);
  const int wanted = csi.value(1, 0);
  const int right = wanted == 0 ? cols : std::min(wanted, cols);
  if (left >= right) return;
  cancel_wrap();
  run("\x1b[" + std::to_string(left) + ';' + std::to_string(right) + 's');
  left_margin_ = left - 1;
  right_margin_ = right;
}

void Interpreter::set_cursor_style(int style) {
  if (style < 0 || style > 6) return;
  modes_.cursor_blink = style == 0 || style % 2 == 1;
  modes_.cursor_shape = style <= 2   ? CursorShape::block
                        : style <= 4 ? CursorShape::underline
                                     : CursorShape::bar;
  result_->damaged = true;
}

void Interpreter::window_operation(const Csi& csi) {
  const int what = csi.value(0, 0);
  const Size size = screen_.size();
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
