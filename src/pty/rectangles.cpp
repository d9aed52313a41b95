#include "pty/rectangles.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "pty/pen.hpp"

namespace bdsh::pty {

Rect Rectangles::area(const Csi& csi, std::size_t first) const {
  const int end_row = csi.value(first + 2, 0) == 0 ? reachable_.height : csi.value(first + 2, 0);
  const int end_col = csi.value(first + 3, 0) == 0 ? reachable_.width : csi.value(first + 3, 0);
  const int top = std::min(csi.at_least_one(first) - 1, reachable_.height);
  const int left = std::min(csi.at_least_one(first + 1) - 1, reachable_.width);
  return {reachable_.row + top, reachable_.col + left, std::min(end_row, reachable_.height) - top,
          std::min(end_col, reachable_.width) - left};
}

// There is one page: the page numbers (parameters 4 and 7) mean nothing.
void Rectangles::copy(const Csi& csi) {
  const Rect from = area(csi, 0);
  const Point to{reachable_.row + csi.at_least_one(5) - 1,
                 reachable_.col + csi.at_least_one(6) - 1};
  const int height = std::min(from.height, reachable_.row + reachable_.height - to.row);
  const int width = std::min(from.width, reachable_.col + reachable_.width - to.col);
  if (height > 0 && width > 0) screen_.copy({from.row, from.col, height, width}, to);
}

void Rectangles::fill(const Csi& csi) {
  const auto code = static_cast<char32_t>(csi.value(0, 0x20));
  if (code < 0x20 || (code > 0x7E && code < 0xA0) || code > 0xFF) return;
  const Rect target = area(csi, 1);
  for (int row = target.row; row < target.row + target.height; ++row)
    for (int col = target.col; col < target.col + target.width; ++col)
      screen_.put({row, col}, code, 1);
}

void Rectangles::erase(const Csi& csi) {
  screen_.erase(area(csi, 0));
}

void Rectangles::erase_unprotected(const Csi& csi) {
  screen_.erase_unprotected(area(csi, 0));
}

namespace {

void invert(const Csi& csi, Style& style) {
  for (std::size_t i = 4; i < csi.count; ++i) {
    const int code = csi.value(i, 0);
    if (code == 0 || code == 1) style.bold = !style.bold;
    if (code == 0 || code == 4)
      style.underline = style.underline == Underline::none ? Underline::single : Underline::none;
    if (code == 0 || code == 5) style.blink = !style.blink;
    if (code == 0 || code == 7) style.reverse = !style.reverse;
  }
}

// Only what DECCARA knows; colours of other cells stay.
void set(const Csi& csi, Style& style) {
  for (std::size_t i = 4; i < csi.count; ++i) {
    const int code = csi.value(i, 0);
    if (code == 0 || code == 1 || code == 22) style.bold = code == 1;
    if (code == 0 || code == 4 || code == 24)
      style.underline = code == 4 ? Underline::single : Underline::none;
    if (code == 0 || code == 5 || code == 25) style.blink = code == 5;
    if (code == 0 || code == 7 || code == 27) style.reverse = code == 7;
  }
}

}  // namespace

void Rectangles::change_attributes(const Csi& csi, bool inverted, bool stream) {
  const Rect target = area(csi, 0);
  const auto change = [&](Style& style) { inverted ? invert(csi, style) : set(csi, style); };
  for (int row = 0; row < target.height; ++row) {
    const bool first = row == 0;
    const bool last = row + 1 == target.height;
    const int left = stream && !first ? reachable_.col : target.col;
    const int right =
        stream && !last ? reachable_.col + reachable_.width : target.col + target.width;
    screen_.restyle({target.row + row, left, 1, std::max(0, right - left)}, change);
  }
}

}  // namespace bdsh::pty
