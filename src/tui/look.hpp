// How views draw: the theme's styles as ids, the glyphs, and a pen that writes along one row.
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <string_view>

#include "tui/glyphs.hpp"
#include "tui/surface.hpp"
#include "tui/theme.hpp"

namespace bdsh::tui {

// `tables` and `theme` outlive it.
class Look {
 public:
  Look(CellTables& tables, const Theme& theme, bool utf8);
  void set_utf8(bool utf8) { glyphs_ = utf8 ? &utf8_glyphs() : &ascii_glyphs(); }
  StyleId operator()(Paint paint) const { return ids_[static_cast<std::size_t>(paint)]; }
  // `paint`, its colour kept, in front of `back`: text inside a bar, a dialog, a selected row.
  StyleId on(Paint paint, Paint back) const;
  // A cell's own style made to stand out as `over` says, its colours kept where `over` has none.
  StyleId over(StyleId under, Paint over) const;
  // In that colour, unless it has none or the theme has none at all.
  StyleId colored(StyleId under, Color color) const;
  const Glyphs& glyphs() const { return *glyphs_; }
  CellTables& tables() const { return *tables_; }

 private:
  CellTables* tables_;
  const Theme* theme_;
  bool plain_;
  const Glyphs* glyphs_;
  std::array<StyleId, static_cast<std::size_t>(Paint::count_)> ids_{};
};

// Writes pieces of text one after the other; what does not fit is left out.
class Pen {
 public:
  Pen(Surface& surface, Point at, int end_col) : surface_(&surface), at_(at), end_(end_col) {}
  Pen& put(std::string_view text, StyleId style) {
    at_.col += surface_->put(at_, text, style, room());
    return *this;
  }
  Pen& skip(int cols) {
    at_.col += std::min(cols, room());
    return *this;
  }
  Pen& to(int col) {
    at_.col = std::max(at_.col, std::min(col, end_));
    return *this;
  }
  int room() const { return std::max(0, end_ - at_.col); }
  int col() const { return at_.col; }
  Point at() const { return at_; }

 private:
  Surface* surface_;
  Point at_;
  int end_;
};

// The text, cut with "…" when it is wider than `cols`.
std::string fitted(std::string_view text, int cols, const Glyphs& glyphs);
std::string padded(std::string text, int cols);       // with spaces on the right
std::string plural(std::size_t count, std::string_view noun);  // "1 host", "12 hosts"
std::string duration_words(std::chrono::milliseconds time);  // "40 ms", "2.1 s", "3 min 20 s"

// A frame of one column and row; the title stands in its top line.
void draw_frame(Surface& surface, const Look& look, Rect frame, Paint paint);
void draw_frame_title(Surface& surface, const Look& look, Rect frame, std::string_view title,
                      Paint paint);
// Says on a list's right frame which part of it is seen.
void draw_scroll_thumb(Surface& surface, const Look& look, Rect inner, int top, int total);

}  // namespace bdsh::tui
