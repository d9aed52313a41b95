// The picture of one frame: a grid of cells and the cursor, as a value. Views draw on it; the
// Painter pushes it to the user's terminal; tests read it as text.
#pragma once

#include <climits>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/cell.hpp"
#include "core/geometry.hpp"
#include "core/screen.hpp"

namespace bdsh::tui {

// Everything is clipped to the surface: a drawing call never fails and never writes outside.
class Surface {
 public:
  // `tables` outlives the surface and is the one that its cells' ids belong to.
  Surface(CellTables& tables, Size size);

  Size size() const { return size_; }
  int rows() const { return size_.rows.value; }
  int cols() const { return size_.cols.value; }
  Rect area() const { return {0, 0, rows(), cols()}; }
  CellTables& tables() const { return *tables_; }
  void resize(Size size);  // also clears
  void clear();            // blank cells, no cursor

  Cell at(Point p) const { return row(p.row)[p.col]; }
  const Cell* row(int r) const { return cells_.data() + static_cast<std::size_t>(r * cols()); }
  // Blanks the other half of a wide glyph that is overwritten by half.
  void set(Point p, Cell cell);

  // Draws one line of UTF-8; control characters and invalid bytes show as U+FFFD. At most
  // `max_cols` columns; returns the columns used.
  int put(Point at, std::string_view utf8, StyleId style, int max_cols = INT_MAX);
  void fill(Rect area, StyleId style);
  void restyle(Rect area, const std::function<StyleId(StyleId)>& change);
  // Copies the part of `screen` that starts at `from` to `to`; beyond the screen blanks.
  void blit(const ScreenSnapshot& screen, Point from, Rect to);

  std::optional<Point> cursor;  // nothing: hidden
  CursorShape cursor_shape = CursorShape::block;

  // Rows of text without trailing spaces, each with a line end.
  std::string to_text() const;
  // The same grid with one letter per cell for its style.
  std::string to_style_text(const std::function<char(StyleId)>& letter) const;
  friend bool operator==(const Surface& a, const Surface& b) {
    return a.size_ == b.size_ && a.cells_ == b.cells_ && a.cursor == b.cursor &&
           a.cursor_shape == b.cursor_shape;
  }
  // Whether row r has the same cells in both; false when the sizes differ.
  bool same_row(const Surface& other, int r) const;

 private:
  Cell* line(int r) { return cells_.data() + static_cast<std::size_t>(r * cols()); }
  void combine(Point at, std::string_view mark);

  CellTables* tables_;
  Size size_;
  std::vector<Cell> cells_;
};

}  // namespace bdsh::tui
