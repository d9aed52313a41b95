#include "pty/screen.hpp"

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "pty/reflow.hpp"

namespace bdsh::pty {

Screen::Screen(CellTables& tables, Size size, const ScrollbackLimits& limits,
               std::uint64_t first_line)
    : tables_(&tables),
      scrollback_limits_(limits),
      primary_(size),
      scrollback_(first_line),
      seen_open_(first_line),
      seen_end_(first_line) {
  reset_region();
}

void Screen::reset_region() {
  region_top = region_left = 0;
  region_bottom = size().rows.value;
  region_right = size().cols.value;
}

// --- Printing -----------------------------------------------------------------------------------

StyleId Screen::pen_id() {
  if (!(pen == id_pen_)) {
    pen_id_ = tables_->intern(pen);
    id_pen_ = pen;
  }
  return pen_id_;
}

StyleId Screen::blank_id() {
  if (!(pen.bg == blank_style_.bg)) {
    blank_style_.bg = pen.bg;
    blank_id_ = tables_->intern(blank_style_);
  }
  return blank_id_;
}

void Screen::wrap() {
  const int filled = reached();
  line_feed();
  pending_wrap = false;
  cursor.col = 0;
  wrapped_to(cursor.row, filled);
}

void Screen::advance(int width) {
  cursor.col += width;
  if (cursor.col < size().cols.value) return;
  cursor.col = size().cols.value - 1;
  pending_wrap = true;
}

void Screen::print_ascii(std::string_view text) {
  const StyleId style = pen_id();
  while (!text.empty()) {
    if (pending_wrap) wrap();
    const auto room = static_cast<std::size_t>(size().cols.value - cursor.col);
    const std::string_view piece = text.substr(0, room);
    grid().put_ascii(cursor, piece, style);
    touch(cursor.row);
    advance(static_cast<int>(piece.size()));
    text.remove_prefix(piece.size());
  }
}

void Screen::print(char32_t code, int width) {
  const bool fits = cursor.col + width <= size().cols.value;  // a wide glyph at the edge does not
  if (pending_wrap || !fits) wrap();
  put(cursor, code, width);
  advance(width);
}

void Screen::line_feed() {
  if (cursor.row + 1 == region_bottom) {
    scroll({region_top, 0, region_bottom - region_top, size().cols.value}, 1, 0, true);
  } else if (cursor.row + 1 < size().rows.value) {
    ++cursor.row;
    pending_wrap = false;
  }
}

void Screen::combine(char32_t code) {
  Point at{cursor.row, pending_wrap ? cursor.col : cursor.col - 1};
  const Row& row = grid().row(at.row);
  if (at.col < 0 || at.col >= row.used) return;
  if (row.cells[static_cast<std::size_t>(at.col)].glyph == kWideRest && at.col > 0) --at.col;
  std::string cluster;
  tables_->append_utf8(row.cells[static_cast<std::size_t>(at.col)].glyph, cluster);
  constexpr std::size_t kMaxCluster = 32;  // bytes; more is an attack on the reader
  if (cluster.size() >= kMaxCluster) return;
  append_utf8(code, cluster);
  grid().set_glyph(at, tables_->intern_cluster(cluster));
  touch(at.row);
}

void Screen::put(Point at, char32_t code, int width) {
  grid().put(at, code, width, pen_id());
  touch(at.row);
}

void Screen::wrapped_to(int row, int filled) {
  int before = 0;
  if (row > 0) {
    grid().cut(row - 1, filled);
    grid().row(row - 1).full = static_cast<std::uint16_t>(filled);
    before = grid().row(row - 1).part;
  }
  set_part(row, next_part(before));
}

std::uint16_t Screen::next_part(int part) const {
  const bool too_long = part + 1 > kMaxLineColumns / size().cols.value;
  return too_long ? 0 : static_cast<std::uint16_t>(part + 1);
}

// --- Erasing and moving -------------------------------------------------------------------------

// Changing how rows join changes the lines of this row and of the one above.
void Screen::set_part(int row, int part) {
  Row& target = grid().row(row);
  if (target.part == part) return;
  target.part = static_cast<std::uint16_t>(part);
  touch_above(row);
}

void Screen::touch_above(int row) {
  if (alternate_) return;
  const std::uint64_t number = scrollback_.end_row() + static_cast<std::uint64_t>(row);
  touch_row_number(number == 0 ? 0 : number - 1);
}

void Screen::erase(const Rect& rect) {
  const Size s = size();
  const int end = std::min(rect.row + rect.height, s.rows.value);
  for (int r = std::max(rect.row, 0); r < end && rect.width > 0; ++r) {
    touch(r);
    if (rect.col + rect.width < s.cols.value) continue;
    if (rect.col <= 0) set_part(r, 0);
    if (r + 1 < s.rows.value) set_part(r + 1, 0);  // what was erased up to the edge does not go on
  }
  grid().erase(rect, blank_id());
}

void Screen::erase_unprotected(const Rect& rect) {
  for (int r = rect.row; r < rect.row + rect.height; ++r) {
    touch(r);
    for (int c = rect.col; c < rect.col + rect.width; ++c) {
      const StyleId style = cell({r, c}).style;
      if (!tables_->style(style).guarded) grid().put({r, c}, kBlank, 1, style);
    }
  }
}

void Screen::restyle(const Rect& rect, const std::function<void(Style&)>& change) {
  for (int r = rect.row; r < rect.row + rect.height; ++r)
    for (int c = rect.col; c < rect.col + rect.width; ++c) {
      Style style = tables_->style(cell({r, c}).style);
      change(style);
      grid().set_style({r, c}, tables_->intern(style));
    }
  damaged_ = true;
}

// By way of a copy, since the areas may overlap.
void Screen::copy(const Rect& from, Point to) {
  std::vector<Cell> cells;
  for (int r = 0; r < from.height; ++r)
    for (int c = 0; c < from.width; ++c) cells.push_back(cell({from.row + r, from.col + c}));
  auto next = cells.begin();
  for (int r = to.row; r < to.row + from.height; ++r) {
    touch(r);
    for (int c = to.col; c < to.col + from.width; ++c, ++next) {
      const bool half = next->glyph == kWideRest;  // its left half is outside, or was put already
      const bool whole = !half && c + 1 < to.col + from.width && next[1].glyph == kWideRest;
      if (half && c > to.col && next[-1].glyph > kWideRest) continue;
      const bool wide = char_width(tables_->base(next->glyph)) == 2;
      const GlyphId glyph = half || (wide && !whole) ? kBlank : next->glyph;
      grid().put({r, c}, glyph, whole ? 2 : 1, next->style);
    }
  }
}

Cell Screen::cell(Point at) const {
  const Row& row = grid().row(at.row);
  return at.col < row.used ? row.cells[static_cast<std::size_t>(at.col)] : Cell{};
}

void Screen::scroll(const Rect& rect, int down, int right, bool keep) {
  const Size s = size();
  const bool whole_rows = rect.col <= 0 && rect.width >= s.cols.value && right == 0;
  const int top = std::clamp(rect.row, 0, s.rows.value);
  const int bottom = std::clamp(rect.row + rect.height, top, s.rows.value);
  if (top == bottom) return;
  down = std::clamp(down, top - bottom, bottom - top);
  const bool push = keep && whole_rows && down > 0 && top == 0 && !alternate_;
  if (push)
    for (int r = 0; r < down; ++r) push_row(r);
  grid().scroll(rect, down, right, blank_id());
  damaged_ = true;
  if (push && bottom == s.rows.value) return;  // all rows keep their numbers
  touch(push ? bottom - 1 : top);
  if (!whole_rows) return;
  if (!push) touch_above(top);  // which no longer goes on here
  const int blank_end = down > 0 ? top : std::min(top - down, bottom - 1);
  if (!push) set_part(blank_end, 0);  // the row above it is another one now
  if (bottom < s.rows.value) set_part(bottom, 0);
}

void Screen::push_row(int row) {
  scrollback_.push(*tables_, grid().row(row), kept_columns(row));
}

void Screen::clear() {
  erase({0, 0, size().rows.value, size().cols.value});
}

void Screen::fill(char ascii) {
  const std::string text(static_cast<std::size_t>(size().cols.value), ascii);
  clear();
  for (int r = 0; r < size().rows.value; ++r) grid().put_ascii({r, 0}, text, 0);
}

void Screen::enter_alternate() {
  if (alternate_) return;
  saved_primary_cursor_ = cursor;
  alternate_.emplace(primary_.size());
  damaged_ = true;
}

void Screen::leave_alternate() {
  if (!alternate_) return;
  alternate_.reset();
  // Where the primary screen's cursor is now may complete lines; take_changed_from() compares.
  damaged_ = true;
}

// Rows go to the scrollback as far as there is no room for what follows them, but never the
// cursor's; what stands below it and still has no room is lost.
void Screen::resize(Size wanted) {
  const Size to = Grid::clamped(wanted);
  touch_row_number(scrollback_.end_row());
  if (to.cols.value != primary_.size().cols.value) rewrap_scrollback(to.cols.value);
  Reflowed now = reflow(primary_, {primary_cursor(), !alternate_ && pending_wrap}, to.cols.value);
  const int excess = std::min(static_cast<int>(now.rows.size()) - to.rows.value, now.cursor.at.row);
  if (excess > 0) {
    const auto end = now.rows.begin() + excess;
    const bool goes_on = end != now.rows.end() && end->part != 0;
    push_rows({std::move_iterator(now.rows.begin()), std::move_iterator(end)}, goes_on);
    now.rows.erase(now.rows.begin(), end);
    now.cursor.at.row -= excess;
  }
  primary_ = Grid(to, std::move(now.rows));
  if (alternate_) {
    saved_primary_cursor_ = now.cursor.at;
    alternate_->resize(to);
    cursor = {std::min(cursor.row, to.rows.value - 1), std::min(cursor.col, to.cols.value - 1)};
    pending_wrap = false;
  } else {
    cursor = now.cursor.at;
    pending_wrap = now.cursor.pending_wrap;
  }
  reset_region();
  damaged_ = true;
}

// The newest of it, as far as that stays cheap for all hosts together. A line that goes on on the
// screen keeps its rows: where the two meet must stay. What was touched are rows by number, which
// now are others: what they are a part of begins no later than the line that the first of them is
// in.
void Screen::rewrap_scrollback(int cols) {
  if (scrollback_.rows() == 0) return;
  const std::uint64_t line = line_of_row_number(touched_row_);
  const bool goes_on = primary_.row(0).part != 0;
  std::vector<Row> rows = scrollback_.take_last(*tables_, scrollback_limits_.rewrapped, goes_on);
  std::vector<Row> joint;
  if (goes_on) {
    auto first = rows.end();
    while (first != rows.begin() && (--first)->part != 0) {
    }
    joint.assign(std::move_iterator(first), std::move_iterator(rows.end()));
    rows.erase(first, rows.end());
  }
  push_rows(reflow(rows, cols), false);
  push_rows(joint, goes_on);
  touched_row_ = line < scrollback_.end_line() ? scrollback_.row_of(line) : scrollback_.end_row();
}

// `goes_on`: the last one, on the screen.
void Screen::push_rows(const std::vector<Row>& rows, bool goes_on) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool more = i + 1 < rows.size() ? rows[i + 1].part != 0 : goes_on;
    scrollback_.push(*tables_, rows[i], more ? rows[i].full : 0);
  }
}

// --- Reading ------------------------------------------------------------------------------------

// Cells [from, from + count) of a row of the live screen.
void Screen::copy_row(int number, int from, int count, Cell* out) const {
  const Row& row = grid().row(number);
  const int end = std::min<int>(row.used, size().cols.value);
  if (from < end) std::copy_n(row.cells.get() + from, std::min(count, end - from), out);
  // The other half of a wide glyph at the edge is beyond the screen.
  const bool cut = row.used > end && row.cells[static_cast<std::size_t>(end)].glyph == kWideRest;
  if (cut && end - 1 >= from && end - 1 < from + count) out[end - 1 - from].glyph = kBlank;
}

void Screen::copy_to(ScreenSnapshot& out, int scroll_back, Rect wanted) const {
  const int back = std::clamp(scroll_back, 0, scrollback_rows());
  const Rect part = clipped(whole(size()), wanted);
  out.size = {Rows{part.height}, Cols{part.width}};
  out.scrolled_back = back;
  out.alternate = alternate();
  out.cursor = {cursor.row - part.row, cursor.col - part.col};
  out.cells.assign(static_cast<std::size_t>(part.height) * static_cast<std::size_t>(part.width),
                   Cell{});
  std::vector<Cell> kept;
  for (int r = 0; r < part.height; ++r) {
    const int row = part.row + r - back;
    if (row >= 0) {
      copy_row(row, part.col, part.width, out.row(r));
      continue;
    }
    kept.assign(static_cast<std::size_t>(part.col + part.width), Cell{});
    scrollback_.decode(*tables_, scrollback_.end_row() - static_cast<std::uint64_t>(-row),
                       kept.data(), part.col + part.width);
    std::copy(kept.begin() + part.col, kept.end(), out.row(r));
  }
}

bool Screen::take_damage() {
  return std::exchange(damaged_, false);
}

void Screen::touch(int row) {
  damaged_ = true;
  if (!alternate_) touch_row_number(scrollback_.end_row() + static_cast<std::uint64_t>(row));
}

void Screen::touch_row_number(std::uint64_t row) {
  touched_row_ = std::min(touched_row_, row);
}

std::size_t Screen::bytes() const {
  std::size_t sum = scrollback_.bytes();
  for (const Grid* g : {&primary_, alternate_ ? &*alternate_ : nullptr})
    for (int r = 0; g != nullptr && r < g->size().rows.value; ++r)
      sum += sizeof(Row) + g->row(r).capacity * sizeof(Cell);
  return sum;
}

}  // namespace bdsh::pty
