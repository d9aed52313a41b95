#include "pty/reflow.hpp"

#include <algorithm>

namespace bdsh::pty {
namespace {

// Rows first … end - 1, which are one line or the part of one that is on the screen.
struct Group {
  int first = 0;
  int end = 0;
};

using Rows = std::vector<const Row*>;

Group group_at(const Rows& rows, int first) {
  int end = first + 1;
  while (end < static_cast<int>(rows.size()) && rows[static_cast<std::size_t>(end)]->part != 0)
    ++end;
  return {first, end};
}

std::uint16_t narrow(std::size_t value) {
  return static_cast<std::uint16_t>(value);
}

std::size_t text_length(const std::vector<Cell>& cells) {
  std::size_t end = cells.size();
  while (end > 0 && cells[end - 1].glyph == kBlank) --end;
  return end;
}

// The group's cells in one row, and where the cursor is among them.
struct Line {
  std::vector<Cell> cells;
  std::size_t cursor = 0;  // an index, perhaps beyond the cells
};

Line joined(const Rows& rows, Group group, const CursorPlace& cursor) {
  Line line;
  for (int r = group.first; r < group.end; ++r) {
    const Row& row = *rows[static_cast<std::size_t>(r)];
    if (r == cursor.at.row)
      line.cursor = line.cells.size() + static_cast<std::size_t>(cursor.at.col) +
                    (cursor.pending_wrap ? 1 : 0);
    const std::size_t start = line.cells.size();
    const bool goes_on = r + 1 < group.end;
    const int length = goes_on ? std::min(row.full, row.used) : row.used;
    line.cells.insert(line.cells.end(), row.cells.get(), row.cells.get() + length);
    // A wide glyph that was put across the joint later does not belong to the text before it.
    if (length > 0 && length < row.used &&
        row.cells[static_cast<std::size_t>(length)].glyph == kWideRest)
      line.cells.back().glyph = kBlank;
    if (goes_on) line.cells.resize(start + row.full);
  }
  return line;
}

// How many of the cells at … text - 1 go into a row: no wide glyph is cut.
std::size_t row_length(const std::vector<Cell>& cells, std::size_t at, std::size_t text,
                       std::size_t cols) {
  if (text - at <= cols) return text - at;
  return cells[at + cols].glyph == kWideRest ? cols - 1 : cols;
}

Row row_of(const Cell* cells, std::size_t length, std::size_t cols) {
  Row row;
  if (length == 0) return row;
  row.cells = std::make_unique<Cell[]>(cols);
  row.capacity = narrow(cols);
  row.used = narrow(length);
  std::copy_n(cells, length, row.cells.get());
  return row;
}

// Cuts the line into rows behind `out`; `part` is the first one's. Where its cursor is now.
CursorPlace wrap(const Line& line, std::size_t part, std::size_t cols, std::vector<Row>& out) {
  // Blanks before the cursor were printed.
  const std::size_t text =
      std::max(text_length(line.cells), std::min(line.cursor, line.cells.size()));
  CursorPlace cursor;
  for (std::size_t at = 0;;) {
    const std::size_t length = row_length(line.cells, at, text, cols);
    const bool last = at + length == text;
    // What is blank behind the text fills its last row and is cut there.
    Row row = row_of(line.cells.data() + at, last ? std::min(cols, line.cells.size() - at) : length,
                     cols);
    row.part = narrow(part++);
    row.full = narrow(length);
    if (line.cursor >= at && (line.cursor < at + length || last)) {
      const std::size_t col = std::min(line.cursor - at, cols);
      cursor.pending_wrap = col == cols;
      cursor.at = {static_cast<int>(out.size()), static_cast<int>(std::min(col, cols - 1))};
    }
    out.push_back(std::move(row));
    if (last) return cursor;
    at += length;
  }
}

bool is_blank(const Row& row) {
  return std::all_of(row.cells.get(), row.cells.get() + row.used,
                     [](Cell cell) { return cell == Cell{}; });
}

Reflowed wrapped(const Rows& rows, CursorPlace cursor, int cols) {
  Reflowed out;
  for (int r = 0; r < static_cast<int>(rows.size());) {
    const Group group = group_at(rows, r);
    const bool has_cursor = cursor.at.row >= group.first && cursor.at.row < group.end;
    const CursorPlace place =
        wrap(joined(rows, group, cursor), rows[static_cast<std::size_t>(r)]->part,
             static_cast<std::size_t>(cols), out.rows);
    if (has_cursor) out.cursor = place;
    r = group.end;
  }
  return out;
}

}  // namespace

Reflowed reflow(const Grid& grid, CursorPlace cursor, int cols) {
  Rows rows;
  for (int r = 0; r < grid.size().rows.value; ++r) rows.push_back(&grid.row(r));
  Reflowed out = wrapped(rows, cursor, cols);
  while (static_cast<int>(out.rows.size()) > out.cursor.at.row + 1 && is_blank(out.rows.back()))
    out.rows.pop_back();
  return out;
}

std::vector<Row> reflow(const std::vector<Row>& rows, int cols) {
  Rows all;
  for (const Row& row : rows) all.push_back(&row);
  return wrapped(all, {{-1, 0}, false}, cols).rows;
}

}  // namespace bdsh::pty
