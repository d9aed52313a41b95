// Wrapping the rows of a screen anew for another width: rows that automatic wrapping had joined are
// taken as one text again, and the cursor stays at its character.
#pragma once

#include <vector>

#include "pty/grid.hpp"

namespace bdsh::pty {

struct CursorPlace {
  Point at;
  bool pending_wrap = false;
};

struct Reflowed {
  std::vector<Row> rows;  // without blank ones below the last text and the cursor; at least one
  CursorPlace cursor;
};

// `grid`'s rows for a width of `cols` ≥ 4 columns. Coloured blanks at a line's end do not wrap.
Reflowed reflow(const Grid& grid, CursorPlace cursor, int cols);
// Rows without a cursor. All of them are kept, blank ones too.
std::vector<Row> reflow(const std::vector<Row>& rows, int cols);

}  // namespace bdsh::pty
