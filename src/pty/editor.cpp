#include "pty/editor.hpp"

#include <algorithm>

namespace bdsh::pty {

Rect Editor::region() const {
  return {screen_.region_top, screen_.region_left, screen_.region_bottom - screen_.region_top,
          screen_.region_right - screen_.region_left};
}

Rect Editor::origin_area() const {
  if (modes_.origin) return region();
  return {0, 0, screen_.size().rows.value, screen_.size().cols.value};
}

bool Editor::inside_rows() const {
  return screen_.cursor.row >= screen_.region_top && screen_.cursor.row < screen_.region_bottom;
}

bool Editor::inside_cols() const {
  return screen_.cursor.col >= screen_.region_left && screen_.cursor.col < screen_.region_right;
}

// --- Movement -----------------------------------------------------------------------------------

void Editor::place(Point at) {
  const Size size = screen_.size();
  screen_.cursor = {std::clamp(at.row, 0, size.rows.value - 1),
                    std::clamp(at.col, 0, size.cols.value - 1)};
  screen_.pending_wrap = false;
}

void Editor::up(int count) {
  const Point at = screen_.cursor;
  const int top = at.row >= screen_.region_top ? screen_.region_top : 0;
  place({std::max(at.row - count, top), at.col});
}

void Editor::down(int count) {
  const Point at = screen_.cursor;
  const int end =
      at.row < screen_.region_bottom ? screen_.region_bottom : screen_.size().rows.value;
  place({std::min(at.row + count, end - 1), at.col});
}

void Editor::right(int count) {
  const Point at = screen_.cursor;
  place({at.row, std::min(at.col + count, right_edge() - 1)});
}

void Editor::left(int count) {
  const bool wraps = modes_.reverse_wrap && modes_.autowrap;
  for (; count > 0; --count) {
    const Point at = screen_.cursor;
    const int edge = at.col >= screen_.region_left ? screen_.region_left : 0;
    if (at.col > edge) {
      const int steps = wraps ? 1 : std::min(count, at.col - edge);
      place({at.row, at.col - steps});
      count -= steps - 1;
    } else if (wraps) {
      back_over_edge();
    } else {
      return place(at);
    }
  }
}

// From the left edge to the right margin of the row above; from the top only with the extended
// mode, and then to the bottom.
void Editor::back_over_edge() {
  const Point at = screen_.cursor;
  const int top = at.row >= screen_.region_top ? screen_.region_top : 0;
  if (at.row > top) return place({at.row - 1, screen_.region_right - 1});
  if (modes_.reverse_wrap_around) place({screen_.region_bottom - 1, screen_.region_right - 1});
}

void Editor::carriage_return() {
  const bool to_margin = modes_.origin || screen_.cursor.col >= screen_.region_left;
  place({screen_.cursor.row, to_margin ? screen_.region_left : 0});
}

void Editor::to(Point at) {
  const Rect area = origin_area();
  place({area.row + std::clamp(at.row, 0, area.height - 1),
         area.col + std::clamp(at.col, 0, area.width - 1)});
}

Point Editor::from_origin() const {
  const Rect area = origin_area();
  return {screen_.cursor.row - area.row, screen_.cursor.col - area.col};
}

void Editor::to_row(int row) {
  to({row, from_origin().col});
}
void Editor::to_col(int col) {
  to({from_origin().row, col});
}
void Editor::right_anywhere(int count) {
  to_col(from_origin().col + count);
}
void Editor::down_anywhere(int count) {
  to_row(from_origin().row + count);
}

void Editor::cap_col(int before) {
  if (before < screen_.region_right)
    screen_.cursor.col = std::min(screen_.cursor.col, screen_.region_right - 1);
}

// --- Text ---------------------------------------------------------------------------------------

int Editor::right_edge() const {
  return screen_.cursor.col < screen_.region_right ? screen_.region_right
                                                   : screen_.size().cols.value;
}

void Editor::wrap() {
  index();
  place({screen_.cursor.row, screen_.region_left});
}

void Editor::print(char32_t code, int width) {
  if (screen_.pending_wrap) wrap();
  if (screen_.cursor.col + width > right_edge()) {
    if (modes_.autowrap)
      wrap();
    else
      place({screen_.cursor.row, right_edge() - width});
  }
  const int edge = right_edge();
  const Point at = screen_.cursor;
  if (modes_.insert) screen_.scroll({at.row, at.col, 1, edge - at.col}, 0, -width, false);
  if (at.col + width > edge) return;  // margins narrower than the glyph
  screen_.put(at, code, width);
  screen_.cursor.col = std::min(at.col + width, edge - 1);
  screen_.pending_wrap = modes_.autowrap && at.col + width >= edge;
}

// --- Scrolling and editing ----------------------------------------------------------------------

void Editor::index() {
  if (screen_.cursor.row + 1 != screen_.region_bottom) return down(1);
  screen_.pending_wrap = false;
  if (inside_cols()) screen_.scroll(region(), 1, 0, true);
}

void Editor::reverse_index() {
  if (screen_.cursor.row != screen_.region_top) return up(1);
  screen_.pending_wrap = false;
  if (inside_cols()) screen_.scroll(region(), -1, 0, false);
}

void Editor::scroll_up(int count) {
  screen_.scroll(region(), count, 0, true);
}

void Editor::insert_lines(int count) {
  if (!inside_rows() || !inside_cols()) return;
  Rect below = region();
  below.height -= screen_.cursor.row - below.row;
  below.row = screen_.cursor.row;
  screen_.scroll(below, -count, 0, false);
}

void Editor::insert_cells(int count) {
  if (!inside_cols()) return;
  const Point at = screen_.cursor;
  screen_.scroll({at.row, at.col, 1, screen_.region_right - at.col}, 0, -count, false);
}

void Editor::insert_columns(int count) {
  if (!inside_rows() || !inside_cols()) return;
  Rect behind = region();
  behind.width -= screen_.cursor.col - behind.col;
  behind.col = screen_.cursor.col;
  screen_.scroll(behind, 0, -count, false);
}

void Editor::forward_index() {
  if (screen_.cursor.col + 1 != screen_.region_right) return right(1);
  if (inside_rows()) screen_.scroll(region(), 0, 1, false);
}

void Editor::back_index() {
  const Point at = screen_.cursor;
  if (at.col != screen_.region_left) return place({at.row, at.col - 1});
  if (inside_rows()) screen_.scroll(region(), 0, -1, false);
}

}  // namespace bdsh::pty
