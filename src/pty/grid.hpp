// The cells of one screen buffer: rows allocated when first written to, in a ring, so that
// scrolling the whole screen moves an index and no cells. Every position is clipped to the grid.
//
// A row may be longer than the grid is wide (the grid was narrowed): the rest is kept, but hidden.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "core/cell.hpp"
#include "core/geometry.hpp"

namespace bdsh::pty {

struct Row {
  std::unique_ptr<Cell[]> cells;  // `capacity` of them; null: never written
  std::uint16_t capacity = 0;
  std::uint16_t used = 0;  // all cells from here on are Cell{}
  std::uint16_t part = 0;  // 0: starts a logical line; n: its nth continuation
  std::uint16_t full = 0;  // the columns it filled when its text went on in the next row
};

class Grid {
 public:
  static constexpr int kMaxRows = 1000;
  static constexpr int kMaxCols = 2000;
  static Size clamped(Size size);  // at least 1 × 4

  explicit Grid(Size size);
  Grid(Size size, std::vector<Row> rows);  // further rows are blank, or dropped
  Size size() const { return size_; }
  const Row& row(int index) const { return rows_[slot(index)]; }
  Row& row(int index) { return rows_[slot(index)]; }

  // Printable ASCII; the caller has seen to it that it fits into the row.
  void put_ascii(Point at, std::string_view text, StyleId style);
  // A glyph of `width` 1 or 2.
  void put(Point at, GlyphId glyph, int width, StyleId style);
  void set_glyph(Point at, GlyphId glyph);  // of a cell that was put; keeps its style
  void set_style(Point at, StyleId style);
  void erase(const Rect& rect, StyleId style);
  void cut(int row, int cols);  // what a row holds beyond `cols`, hidden or not, is dropped
  // Moves the content of `rect` up by `down` rows and left by `right` columns (negative: the other
  // way), as libvterm's scrollrect says it; what is uncovered becomes blank in `style`.
  void scroll(const Rect& rect, int down, int right, StyleId style);
  // Rows are added or dropped at the bottom.
  void resize(Size size);
  void drop_top(int count);  // the rows below move up, blank ones follow

 private:
  std::size_t slot(int index) const {
    const std::size_t at = head_ + static_cast<std::size_t>(index);
    return at < rows_.size() ? at : at - rows_.size();
  }
  Cell* cells_for(Row& row, int end);
  Rect clipped(const Rect& rect) const;
  void split_wide(Row& row, int col);
  void erase_cells(Row& row, int begin, int end, StyleId style);
  void reverse_rows(int top, int bottom);
  void rotate_rows(int top, int bottom, int down, StyleId style);
  void copy_cells(int to_row, int from_row, const Rect& target, int right);

  Size size_;
  std::vector<Row> rows_;
  std::size_t head_ = 0;
};

// A hash of what the row shows in its first `cols` columns; how it came to be makes no difference.
std::uint64_t hash_of(const Row& row, int cols);
std::uint64_t hash_of(const Cell* cells, int count);

}  // namespace bdsh::pty
