#include "core/screen.hpp"

namespace bdsh {

ScreenSnapshot part_of(const ScreenSnapshot& screen, Rect wanted) {
  const Rect part = clipped(whole(screen.size), wanted);
  if (part == whole(screen.size)) return screen;
  ScreenSnapshot out;
  out.size = {Rows{part.height}, Cols{part.width}};
  for (int r = part.row; r < part.row + part.height; ++r) {
    const Cell* row = screen.row(r) + part.col;
    out.cells.insert(out.cells.end(), row, row + part.width);
  }
  out.cursor = {screen.cursor.row - part.row, screen.cursor.col - part.col};
  out.cursor_visible = screen.cursor_visible;
  out.cursor_shape = screen.cursor_shape;
  out.alternate = screen.alternate;
  out.reverse = screen.reverse;
  out.title = screen.title;
  out.scrolled_back = screen.scrolled_back;
  return out;
}

}  // namespace bdsh
