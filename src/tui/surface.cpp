#include "tui/surface.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

constexpr std::size_t kMaxClusterBytes = 32;  // combining marks beyond are left out
constexpr char32_t kReplacement = 0xFFFD;

void trim_end(std::string& text) {
  while (!text.empty() && text.back() == ' ') text.pop_back();
}

}  // namespace

Surface::Surface(CellTables& tables, Size size) : tables_(&tables), size_{} { resize(size); }

void Surface::resize(Size size) {
  size_ = {Rows{std::max(0, size.rows.value)}, Cols{std::max(0, size.cols.value)}};
  clear();
}

void Surface::clear() {
  cells_.assign(static_cast<std::size_t>(rows()) * static_cast<std::size_t>(cols()), Cell{});
  cursor.reset();
  cursor_shape = CursorShape::block;
}

void Surface::set(Point p, Cell cell) {
  if (!area().contains(p)) return;
  Cell* cells = line(p.row);
  if (cells[p.col].glyph == kWideRest && p.col > 0 && cell.glyph != kWideRest)
    cells[p.col - 1].glyph = kBlank;
  if (p.col + 1 < cols() && cells[p.col + 1].glyph == kWideRest) cells[p.col + 1].glyph = kBlank;
  cells[p.col] = cell;
}

void Surface::combine(Point at, std::string_view mark) {
  if (!area().contains(at)) return;
  Cell& cell = line(at.row)[at.col];
  std::string cluster;
  tables_->append_utf8(cell.glyph, cluster);
  if (cluster.size() + mark.size() > kMaxClusterBytes) return;
  cell.glyph = tables_->intern_cluster(cluster.append(mark));
}

int Surface::put(Point at, std::string_view utf8, StyleId style, int max_cols) {
  const int limit = std::min(max_cols, cols() - at.col);
  int used = 0;
  Point last{at.row, -1};
  for (std::size_t i = 0; i < utf8.size();) {
    const std::size_t begin = i;
    char32_t code = decode_utf8(utf8, i);
    int width = char_width(code);
    if (width < 0) {
      code = code == U'\t' ? U' ' : kReplacement;
      width = 1;
    }
    if (width == 0) {
      if (last.col >= 0) combine(last, utf8.substr(begin, i - begin));
      continue;
    }
    if (used + width > limit) break;
    last = {at.row, at.col + used};
    set(last, {code, style});
    if (width == 2) set({at.row, last.col + 1}, {kWideRest, style});
    used += width;
  }
  return used;
}

void Surface::fill(Rect to, StyleId style) {
  const Rect area_ = clipped(area(), to);
  for (int r = area_.row; r < area_.row + area_.height; ++r)
    for (int c = area_.col; c < area_.col + area_.width; ++c) set({r, c}, {U' ', style});
}

void Surface::restyle(Rect to, const std::function<StyleId(StyleId)>& change) {
  const Rect part = clipped(area(), to);
  for (int r = part.row; r < part.row + part.height; ++r)
    for (int c = part.col; c < part.col + part.width; ++c) {
      Cell& cell = line(r)[c];
      cell.style = change(cell.style);
    }
}

void Surface::blit(const ScreenSnapshot& screen, Point from, Rect to) {
  const Rect part = clipped(area(), to);
  for (int r = part.row; r < part.row + part.height; ++r) {
    const int source = from.row + r - to.row;
    const bool inside = source >= 0 && source < screen.size.rows.value;
    for (int c = part.col; c < part.col + part.width; ++c) {
      const int column = from.col + c - to.col;
      Cell cell;
      if (inside && column >= 0 && column < screen.size.cols.value) cell = screen.row(source)[column];
      // A wide glyph cut in two by the pane's edge would spill over it.
      const bool cut_left = cell.glyph == kWideRest && c == part.col;
      const bool cut_right = c + 1 == part.col + part.width && cell.glyph > kWideRest &&
                             char_width(tables_->base(cell.glyph)) == 2;
      if (cut_left || cut_right) cell.glyph = kBlank;
      set({r, c}, cell);
    }
  }
}

std::string Surface::to_text() const {
  std::string text;
  for (int r = 0; r < rows(); ++r) {
    std::string line;
    for (int c = 0; c < cols(); ++c) tables_->append_utf8(row(r)[c].glyph, line);
    trim_end(line);
    text += line + '\n';
  }
  return text;
}

std::string Surface::to_style_text(const std::function<char(StyleId)>& letter) const {
  std::string text;
  for (int r = 0; r < rows(); ++r) {
    std::string line;
    for (int c = 0; c < cols(); ++c) line += letter(row(r)[c].style);
    trim_end(line);
    text += line + '\n';
  }
  return text;
}

bool Surface::same_row(const Surface& other, int r) const {
  return size_ == other.size_ && std::equal(row(r), row(r) + cols(), other.row(r));
}

}  // namespace bdsh::tui
