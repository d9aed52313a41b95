// Text of more lines than a screen has rows: what scrolls off again before anybody can have seen it
// goes to the scrollback as the text that it came as.
#include <algorithm>
#include <vector>

#include "pty/printable.hpp"
#include "pty/screen.hpp"

namespace bdsh::pty {

// The last rows of a text in one style, as many as the screen has, in a ring.
class LastRows {
 public:
  LastRows(Size screen, StyleId text_style)
      : cols(static_cast<std::size_t>(screen.cols.value)),
        style(text_style),
        rows_(static_cast<std::size_t>(screen.rows.value)) {}

  const std::size_t cols;
  const StyleId style;

  bool full() const { return count_ == rows_.size(); }
  bool complete() const { return !passed_; }  // all that were added are here
  int count() const { return static_cast<int>(count_); }
  const TextRow& at(int index) const { return rows_[slot(static_cast<std::size_t>(index))]; }
  void add(const TextRow& row) { rows_[slot(count_++)] = row; }
  TextRow take_first() {
    const TextRow row = rows_[first_];
    first_ = slot(1);
    --count_;
    passed_ = true;
    return row;
  }

 private:
  std::size_t slot(std::size_t index) const {
    const std::size_t at = first_ + index;
    return at < rows_.size() ? at : at - rows_.size();
  }

  std::vector<TextRow> rows_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  bool passed_ = false;
};

namespace {

// Of a line of printable ASCII, with its CR LF; 0 when `text` does not begin with a whole one.
std::size_t line_length(std::string_view text) {
  const std::size_t run = printable_run(text);
  return text.substr(run, 2) == "\r\n" ? run + 2 : 0;
}

}  // namespace

bool Screen::at_blank_bottom() const {
  const int bottom = size().rows.value - 1;
  if (alternate_ || bottom == 0 || region_top != 0 || region_bottom != bottom + 1) return false;
  if (cursor.row != bottom || cursor.col != 0 || pending_wrap) return false;
  return primary_.row(bottom).used == 0 && primary_.row(bottom).part == 0;
}

std::size_t Screen::print_lines(std::string_view text) {
  // Every line has two bytes at least. Blanks in the pen's background are no empty rows.
  const bool passes = text.size() > 2 * static_cast<std::size_t>(size().rows.value);
  if (!passes || pen.bg != Color{} || !at_blank_bottom()) return 0;
  std::size_t length = line_length(text);
  if (length == 0) return 0;
  touch(cursor.row);
  LastRows rows(size(), pen_id());
  std::size_t taken = 0;
  for (; length != 0; length = line_length(text.substr(taken))) {
    add_line(text.substr(taken, length - 2), rows);
    taken += length;
  }
  add_row({}, rows);  // the cursor's
  show(rows);
  return taken;
}

void Screen::add_line(std::string_view text, LastRows& rows) {
  TextRow row;
  for (; text.size() > rows.cols; text.remove_prefix(rows.cols)) {
    const std::uint16_t next = next_part(row.part);
    add_row({text.substr(0, rows.cols), row.part, next != 0}, rows);
    row.part = next;
  }
  row.text = text;
  add_row(row, rows);
}

void Screen::add_row(const TextRow& row, LastRows& rows) {
  if (rows.full()) {
    // What the screen shows comes before the first row that passes; the last row is blank.
    if (rows.complete()) scroll(whole(size()), size().rows.value - 1, 0, true);
    scrollback_.push_text(rows.take_first(), rows.style);
  }
  rows.add(row);
}

void Screen::show(const LastRows& rows) {
  if (rows.complete()) scroll(whole(size()), rows.count() - 1, 0, true);
  for (int i = 0; i < rows.count(); ++i) {
    const TextRow& text = rows.at(i);
    const int number = size().rows.value - rows.count() + i;
    primary_.put_ascii({number, 0}, text.text, rows.style);
    Row& row = primary_.row(number);
    row.part = text.part;
    row.full = static_cast<std::uint16_t>(text.text.size());
  }
}

}  // namespace bdsh::pty
