// What a terminal shows, as a value: rows of cells, the cursor, and the few modes that matter to
// whoever draws it or compares it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/cell.hpp"
#include "core/geometry.hpp"

namespace bdsh {

enum class CursorShape : std::uint8_t { block, underline, bar };

// Where a terminal's screen and the cursor on it are.
struct ScreenPlace {
  Size size;
  Point cursor;
};

// Everything on a screen.
constexpr Rect kWholeScreen{0, 0, 1 << 20, 1 << 20};

// A snapshot of a part of a screen is a small screen of its own: size and cursor are the part's,
// and the cursor may lie outside it.
struct ScreenSnapshot {
  Size size;
  std::vector<Cell> cells;  // size.rows × size.cols, row by row; row r starts at r * cols
  Point cursor;             // within the screen; the column may equal cols - 1 with a pending wrap
  bool cursor_visible = true;
  CursorShape cursor_shape = CursorShape::block;
  bool alternate = false;  // the alternate screen: a full-screen program is likely
  bool reverse = false;    // DECSCNM
  std::string title;       // sanitised, at most 256 bytes
  int scrolled_back = 0;   // rows above the live screen that this snapshot starts at (0: live)

  const Cell* row(int r) const { return cells.data() + static_cast<std::size_t>(r * size.cols.value); }
  Cell* row(int r) { return cells.data() + static_cast<std::size_t>(r * size.cols.value); }
};

ScreenSnapshot part_of(const ScreenSnapshot& screen, Rect part);

}  // namespace bdsh
