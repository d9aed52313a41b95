// Sizes and positions on a character grid. Rows and columns are types of their own, so that they
// cannot be swapped. All positions are zero-based.
#pragma once

#include <algorithm>
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

// What of `part` lies within `area`.
constexpr Rect clipped(Rect area, Rect part) {
  const int row = std::max(area.row, part.row);
  const int col = std::max(area.col, part.col);
  const int bottom = std::min(area.row + area.height, part.row + part.height);
  const int right = std::min(area.col + area.width, part.col + part.width);
  return {row, col, std::max(0, bottom - row), std::max(0, right - col)};
}

// All of a grid of this size.
constexpr Rect whole(Size size) {
  return {0, 0, size.rows.value, size.cols.value};
}

}  // namespace bdsh
