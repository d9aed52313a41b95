#include "pty/grid.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace bdsh::pty {
namespace {

constexpr Cell kBlankCell{};

// A space that was printed and a cell that was never written look the same, so they are the same.
GlyphId glyph_of(char ascii) {
  return ascii == ' ' ? kBlank : static_cast<unsigned char>(ascii);
}

std::uint16_t narrow(int value) {
  return static_cast<std::uint16_t>(value);
}

// Drops the cells from `begin` on. Blank cells are all zero bits; memset is twice as fast as a fill
// of structures, and each line that scrolls by needs it.
void clear_cells(Row& row, int begin) {
  static_assert(kBlankCell.glyph == 0 && kBlankCell.style == 0);
  std::memset(static_cast<void*>(row.cells.get() + begin), 0,
              static_cast<std::size_t>(row.used - begin) * sizeof(Cell));
  row.used = narrow(begin);
}

}  // namespace

Size Grid::clamped(Size size) {
  return {Rows{std::clamp(size.rows.value, 1, kMaxRows)},
          Cols{std::clamp(size.cols.value, 4, kMaxCols)}};
}

Grid::Grid(Size size) : size_(clamped(size)), rows_(static_cast<std::size_t>(size_.rows.value)) {}

Grid::Grid(Size size, std::vector<Row> rows) : size_(clamped(size)), rows_(std::move(rows)) {
  rows_.resize(static_cast<std::size_t>(size_.rows.value));
}

Cell* Grid::cells_for(Row& row, int end) {
  if (row.capacity < end) {
    const int capacity = std::max(end, size_.cols.value);
    auto cells = std::make_unique<Cell[]>(static_cast<std::size_t>(capacity));
    std::copy_n(row.cells.get(), row.used, cells.get());
    row.cells = std::move(cells);
    row.capacity = narrow(capacity);
  }
  row.used = std::max(row.used, narrow(end));
  return row.cells.get();
}

// Makes sure that no wide glyph lies across the border left of `col`: half of one is a blank.
void Grid::split_wide(Row& row, int col) {
  if (col <= 0 || col >= row.used || row.cells[static_cast<std::size_t>(col)].glyph != kWideRest)
    return;
  row.cells[static_cast<std::size_t>(col - 1)].glyph = kBlank;
  row.cells[static_cast<std::size_t>(col)].glyph = kBlank;
}

void Grid::put_ascii(Point at, std::string_view text, StyleId style) {
  Row& target = row(at.row);
  const int end = at.col + static_cast<int>(text.size());
  split_wide(target, at.col);
  split_wide(target, end);
  Cell* cell = cells_for(target, end) + at.col;
  for (const char c : text) *cell++ = {glyph_of(c), style};
}

void Grid::put(Point at, GlyphId glyph, int width, StyleId style) {
  const int end = at.col + width;
  if (at.row < 0 || at.row >= size_.rows.value || at.col < 0 || end > size_.cols.value) return;
  Row& target = row(at.row);
  split_wide(target, at.col);
  split_wide(target, end);
  Cell* cell = cells_for(target, end) + at.col;
  cell[0] = {glyph == U' ' ? kBlank : glyph, style};
  if (width == 2) cell[1] = {kWideRest, style};
}

void Grid::set_glyph(Point at, GlyphId glyph) {
  Row& target = row(at.row);
  if (at.col < target.used) target.cells[static_cast<std::size_t>(at.col)].glyph = glyph;
}

void Grid::set_style(Point at, StyleId style) {
  Row& target = row(at.row);
  if (style == 0 && at.col >= target.used) return;
  cells_for(target, std::max<int>(at.col + 1, target.used))[at.col].style = style;
}

Rect Grid::clipped(const Rect& rect) const {
  const int top = std::clamp(rect.row, 0, size_.rows.value);
  const int left = std::clamp(rect.col, 0, size_.cols.value);
  const int bottom = std::clamp(rect.row + rect.height, top, size_.rows.value);
  const int right = std::clamp(rect.col + rect.width, left, size_.cols.value);
  return {top, left, bottom - top, right - left};
}

void Grid::erase_cells(Row& target, int begin, int end, StyleId style) {
  split_wide(target, begin);
  split_wide(target, end);
  if (end >= size_.cols.value) {  // with what is hidden beyond
    if (begin < target.used) clear_cells(target, begin);
    if (style == 0) return;
  }
  if (style == 0) end = std::min<int>(end, target.used);
  if (begin >= end) return;
  Cell* cells = cells_for(target, end);
  std::fill(cells + begin, cells + end, Cell{kBlank, style});
}

void Grid::cut(int index, int cols) {
  Row& target = row(index);
  if (target.used <= cols) return;
  split_wide(target, cols);
  clear_cells(target, cols);
}

void Grid::erase(const Rect& rect, StyleId style) {
  const Rect area = clipped(rect);
  if (area.width == 0) return;
  for (int r = area.row; r < area.row + area.height; ++r)
    erase_cells(row(r), area.col, area.col + area.width, style);
}

void Grid::reverse_rows(int top, int bottom) {
  for (--bottom; top < bottom; ++top, --bottom) std::swap(row(top), row(bottom));
}

void Grid::rotate_rows(int top, int bottom, int down, StyleId style) {
  const int height = bottom - top;
  const int count = std::min(std::abs(down), height);
  if (height == size_.rows.value) {
    const int steps = down > 0 ? count : height - count;
    head_ = slot(steps % height);
  } else {
    // A rotation by three reversals: the rows move, their cells stay where they are.
    const int middle = down > 0 ? top + count : bottom - count;
    reverse_rows(top, middle);
    reverse_rows(middle, bottom);
    reverse_rows(top, bottom);
  }
  const int blank_from = down > 0 ? bottom - count : top;
  for (int r = blank_from; r < blank_from + count; ++r) {
    erase_cells(row(r), 0, size_.cols.value, style);
    row(r).part = 0;
  }
}

// Row `from_row`'s cells that end up in `target`'s columns, read `right` columns further right.
void Grid::copy_cells(int to_row, int from_row, const Rect& target, int right) {
  Row& to = row(to_row);
  const Row& from = row(from_row);
  const int end = target.col + target.width;
  if (from.used == 0 && to.used == 0) return;
  Cell* out = cells_for(to, std::min(end, size_.cols.value));
  const auto read = [&from, right](int col) {
    const int at = col + right;
    return at < from.used ? from.cells[static_cast<std::size_t>(at)] : kBlankCell;
  };
  if (right >= 0)
    for (int col = target.col; col < end; ++col) out[col] = read(col);
  else
    for (int col = end - 1; col >= target.col; --col) out[col] = read(col);
}

void Grid::scroll(const Rect& rect, int down, int right, StyleId style) {
  const Rect area = clipped(rect);
  if (area.height == 0 || area.width == 0) return;
  const int bottom = area.row + area.height;
  const int end = area.col + area.width;
  down = std::clamp(down, -area.height, area.height);
  right = std::clamp(right, -area.width, area.width);
  if (area.width == size_.cols.value && right == 0)
    return rotate_rows(area.row, bottom, down, style);
  for (int r = area.row; r < bottom; ++r) {
    split_wide(row(r), area.col);
    split_wide(row(r), end);
    split_wide(row(r), right >= 0 ? area.col + right : end + right);
  }
  const Rect target{0, right >= 0 ? area.col : area.col - right, 0, area.width - std::abs(right)};
  const int kept = area.height - std::abs(down);
  for (int i = 0; i < kept; ++i) {
    const int r = down >= 0 ? area.row + i : bottom - 1 - i;
    copy_cells(r, r + down, target, right);
  }
  if (down != 0)
    erase({down > 0 ? bottom - down : area.row, area.col, std::abs(down), area.width}, style);
  if (right == 0) return;
  const Rect bare{area.row, right > 0 ? end - right : area.col, area.height, std::abs(right)};
  // Left halves there have gone elsewhere; erase() would take what is beside it for them.
  for (int r = bare.row; r < bare.row + bare.height; ++r)
    for (int c = bare.col; c < std::min<int>(bare.col + bare.width, row(r).used); ++c)
      row(r).cells[static_cast<std::size_t>(c)].glyph = kBlank;
  erase(bare, style);
}

void Grid::resize(Size size) {
  size = clamped(size);
  std::rotate(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(head_), rows_.end());
  head_ = 0;
  rows_.resize(static_cast<std::size_t>(size.rows.value));
  rows_.shrink_to_fit();
  size_ = size;
}

void Grid::drop_top(int count) {
  rotate_rows(0, size_.rows.value, count, 0);
}

std::uint64_t hash_of(const Row& row, int cols) {
  return hash_of(row.cells.get(), std::min<int>(row.used, cols));
}

std::uint64_t hash_of(const Cell* cells, int count) {
  while (count > 0 && cells[count - 1] == kBlankCell) --count;
  std::uint64_t hash = 0x9E37'79B9'7F4A'7C15ULL;
  for (int i = 0; i < count; ++i) {
    const Cell cell = cells[i];
    hash ^= static_cast<std::uint64_t>(cell.style) << 32U | cell.glyph;
    hash *= 0xBF58'476D'1CE4'E5B9ULL;
    hash ^= hash >> 31U;
  }
  return hash;
}

}  // namespace bdsh::pty
