// Text, controls and escape sequences; interpreter_csi.cpp has the control sequences.
#include "pty/interpreter.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::pty {

Interpreter::Interpreter(CellTables& tables, const TerminalOptions& options)
    : lane_(options.express_lane),
      plain_(options.kind == TerminalOptions::Kind::plain),
      screen_(tables, options.size,
              {options.scrollback_lines, options.scrollback_bytes, options.rewrapped_rows},
              options.first_line),
      vterm_(screen_) {}

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
  // Left by 1049, the alternate screen brings the cursor back to where it was: where that is now.
  const bool follows = saved_[0].at == screen_.primary_cursor();
  screen_.resize(size);
  if (follows) saved_[0].at = screen_.primary_cursor();
  if (!modes_.autowrap) screen_.pending_wrap = false;
  vterm_.resize(screen_.size());
  modes_.side_margins = false;
  behind_ = true;
}

// --- Between the screen and libvterm ------------------------------------------------------------

bool Interpreter::plain_state() const {
  return modes_.autowrap && !modes_.insert && !modes_.newline && !modes_.side_margins;
}

// Modes that only encode what is typed may differ.
bool Interpreter::at_rest() const {
  return screen_.at_fresh_line() && plain_state() && charsets_.plain() && !modes_.origin &&
         !modes_.synchronized && !modes_.reverse_wrap && !modes_.reverse_screen &&
         !modes_.iso_protection && modes_.cursor_visible;
}

void Interpreter::run(std::string_view sequence, bool keep) {
  if (behind_) vterm_.catch_up();
  behind_ = false;
  vterm_.set_keep(keep);
  vterm_.run(sequence);
}

// Puts `csi` together anew with its first parameter, which a screen of any size cannot be hurt by.
void Interpreter::send(const Csi& csi) {
  const int count = std::min(csi.value(0, 1), Grid::kMaxRows + Grid::kMaxCols);
  run("\x1b[" + (csi.count == 0 ? std::string() : std::to_string(count)) + csi.final,
      csi.final == 'S');
}

// A cursor that is moved, even to where it is, no longer wraps. libvterm wraps all the same.
void Interpreter::cancel_wrap() {
  if (!screen_.pending_wrap) return;
  screen_.pending_wrap = false;
  behind_ = true;
}

void Interpreter::move_to(Point at) {
  editor().to(at);
  behind_ = true;
}

void Interpreter::save_cursor() {
  saved() = {screen_.cursor, screen_.pending_wrap, modes_.origin, screen_.pen, charsets_};
}

void Interpreter::restore_cursor() {
  const SavedCursor from = saved();
  screen_.pen = from.pen;
  charsets_ = from.charsets;
  modes_.origin = from.origin;
  const Rect area = editor().origin_area();
  move_to({from.at.row - area.row, from.at.col - area.col});
  const int col = screen_.cursor.col + 1;
  const bool at_edge = col == screen_.size().cols.value || col == screen_.region_right;
  if (from.pending_wrap && at_edge && modes_.autowrap) screen_.pending_wrap = true;
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

std::size_t Interpreter::take_lines(std::string_view bytes) {
  if (!lane_ || plain_ || !charsets_.plain() || !plain_state()) return 0;
  const std::size_t taken = screen_.print_lines(bytes);
  if (taken == 0) return 0;
  behind_ = true;
  const std::size_t last = bytes.substr(0, taken).find_last_not_of("\r\n");
  if (last != std::string_view::npos) last_printed_ = static_cast<unsigned char>(bytes[last]);
  return taken;
}

void Interpreter::print(char32_t code) {
  const int width = char_width(code);
  if (width < 0) return;
  if (width == 0) return screen_.combine(code);
  last_printed_ = code;
  if (modes_.side_margins)
    editor().print(code, width);
  else if (!lane_ || !plain_state())
    return print_slowly(code, width);
  else
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
      tab('I', 1);
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
  if ((plain_ && code == 0x0A) || modes_.newline) carriage_return();
  if (modes_.side_margins) return index();
  if (!lane_ || !plain_state()) return run("\n", true);
  screen_.line_feed();
  behind_ = true;
}

void Interpreter::index() {
  if (!modes_.side_margins)
    return run(
        "\x1b"
        "D",
        true);
  editor().index();
  behind_ = true;
}

void Interpreter::reverse_index() {
  if (!modes_.side_margins)
    return run(
        "\x1b"
        "M");
  editor().reverse_index();
  behind_ = true;
}

void Interpreter::carriage_return() {
  if (!lane_ && !modes_.side_margins) return run("\r");
  editor().carriage_return();
  behind_ = true;
}

void Interpreter::backspace() {
  if (!lane_ && plain_state() && !modes_.reverse_wrap) return run("\b");
  editor().left(1);
  behind_ = true;
}

// HT, CHT and CBT: the tab stops are libvterm's.
void Interpreter::tab(char final, int count) {
  cancel_wrap();
  const int before = screen_.cursor.col;
  run("\x1b[" + std::to_string(std::min(count, Grid::kMaxCols)) + final);
  if (final != 'I' || !modes_.side_margins) return;
  editor().cap_col(before);
  behind_ = true;
}

// --- Escape sequences ---------------------------------------------------------------------------

void Interpreter::escape(std::string_view text) {
  if (text.size() == 2) return escape_with_intermediate(text);
  if (text.size() != 1) return;
  switch (text[0]) {
    case '6':
      editor().back_index();
      behind_ = true;
      break;
    case '7':
      save_cursor();
      break;
    case '8':
      restore_cursor();
      break;
    case '9':
      editor().forward_index();
      behind_ = true;
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
      index();
      break;
    case 'E':
      carriage_return();
      index();
      break;
    case 'M':
      reverse_index();
      break;
    case 'H':
      run("\x1bH");
      break;
    case 'N':
      charsets_.shift_once(2);
      break;
    case 'O':
      charsets_.shift_once(3);
      break;
    case 'V':
      modes_.iso_protection = true;
      screen_.pen.guarded = true;
      break;
    case 'W':
      screen_.pen.guarded = false;
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

// Character sets and DECALN. Double-width and double-height lines (# 3 … # 6) show as plain ones.
void Interpreter::escape_with_intermediate(std::string_view text) {
  if (text == "#8") return align();
  constexpr std::string_view kSlots = "()*+";
  const std::size_t slot = kSlots.find(text[0]);
  if (slot != std::string_view::npos) charsets_.designate(slot, text[1]);
}

void Interpreter::align() {
  modes_.origin = false;
  set_margins({});
  set_side_margins({});
  screen_.fill('E');
  move_to({0, 0});
}

}  // namespace bdsh::pty
