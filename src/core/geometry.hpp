// Sizes and positions on a character grid. Rows and columns are types of their own, so that they
// cannot be swapped. All positions are zero-based.
#pragma once

#include <compare>

namespace bdsh {

struct Rows {
  int value = 0;
  friend constexpr auto operator<=>(Rows, Rows) = default;
};

struct Cols {
  int value = 0;
  friend constexpr auto operator<=>(Cols, Cols) = default;
};

struct Size {
  Rows rows;
  Cols cols;
  friend constexpr bool operator==(Size, Size) = default;
};

struct Point {
  int row = 0;
  int col = 0;
  friend constexpr bool operator==(Point, Point) = default;
};

struct Rect {
  int row = 0;
  int col = 0;
  int height = 0;
  int width = 0;
  friend constexpr bool operator==(Rect, Rect) = default;
  constexpr bool contains(Point p) const {
    return p.row >= row && p.row < row + height && p.col >= col && p.col < col + width;
  }
};

}  // namespace bdsh
