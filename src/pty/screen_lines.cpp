// The screen's logical lines: rows and what scrolled off them, read as text.
#include <algorithm>

#include "pty/screen.hpp"

namespace bdsh::pty {

std::uint64_t Screen::top_line() const {
  const bool goes_on = primary_.row(0).part != 0 && scrollback_.end_line() != 0;
  return scrollback_.end_line() - (goes_on ? 1 : 0);
}

std::uint64_t Screen::line_of(int row) const {
  std::uint64_t line = top_line();
  for (int r = 1; r <= row; ++r)
    if (primary_.row(r).part == 0) ++line;
  return line;
}

int Screen::kept_columns(int row) const {
  const bool goes_on = row + 1 < primary_.size().rows.value && primary_.row(row + 1).part != 0;
  return goes_on ? primary_.row(row).full : 0;
}

std::uint64_t Screen::line_end() const {
  int last = primary_.size().rows.value - 1;
  const int cursor_row = primary_cursor().row;
  const auto blank = [this](int r) {
    const Row& row = primary_.row(r);
    return std::all_of(row.cells.get(), row.cells.get() + row.used,
                       [](Cell c) { return c.glyph == kBlank; });
  };
  while (last > cursor_row && blank(last)) --last;
  return line_of(last) + 1;
}

bool Screen::at_fresh_line() const {
  const bool all_rows = region_top == 0 && region_bottom == size().rows.value;
  const bool all_columns = region_left == 0 && region_right == size().cols.value;
  if (alternate() || cursor.col != 0 || pending_wrap || !all_rows || !all_columns) return false;
  if (!(pen == Style()) || primary_.row(cursor.row).part != 0) return false;
  const auto blank = [this](int r) {
    const Row& row = primary_.row(r);
    return std::all_of(row.cells.get(), row.cells.get() + row.used,
                       [](Cell c) { return c == Cell{}; });
  };
  for (int row = cursor.row; row < size().rows.value; ++row)
    if (!blank(row)) return false;
  return true;
}

std::uint64_t Screen::first_kept_line() const {
  return std::min(scrollback_.first_line(), top_line());
}

void Screen::append_screen_part(std::uint64_t index, std::string& out) const {
  std::uint64_t line = top_line();
  for (int r = 0; r < primary_.size().rows.value; ++r) {
    if (r > 0 && primary_.row(r).part == 0) ++line;
    if (line > index) return;
    if (line == index) append_row_text(*tables_, primary_.row(r), kept_columns(r), out);
  }
}

std::string Screen::line(std::uint64_t index) const {
  std::string text;
  if (index < first_kept_line()) return text;
  if (index < scrollback_.end_line()) {
    std::uint64_t row = scrollback_.row_of(index);
    const bool kept = row < scrollback_.end_row() && scrollback_.line_of(row) == index;
    for (bool more = kept; more; more = row < scrollback_.end_row() && scrollback_.continues(row))
      scrollback_.append_text(row++, text);
  }
  append_screen_part(index, text);
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::uint64_t Screen::line_of_row_number(std::uint64_t row) const {
  const std::uint64_t top = scrollback_.end_row();
  if (row >= top)
    return line_of(static_cast<int>(std::min<std::uint64_t>(
        row - top, static_cast<std::uint64_t>(primary_.size().rows.value - 1))));
  if (scrollback_.rows() == 0) return top_line();
  return scrollback_.line_of(std::max(row, scrollback_.first_row()));
}

std::optional<std::uint64_t> Screen::take_changed_from() {
  const std::uint64_t open = open_line();
  const std::uint64_t end = line_end();
  std::uint64_t from = kNothing;
  if (touched_row_ != kNothing) from = line_of_row_number(touched_row_);
  if (open != seen_open_) from = std::min({from, open, seen_open_});
  if (end != seen_end_) from = std::min({from, end, seen_end_});
  touched_row_ = kNothing;
  seen_open_ = open;
  seen_end_ = end;
  if (from == kNothing) return std::nullopt;
  return from;
}

}  // namespace bdsh::pty
