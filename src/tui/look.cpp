#include "tui/look.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::tui {

Look::Look(CellTables& tables, const Theme& theme, bool utf8)
    : tables_(&tables), theme_(&theme), plain_(theme.plain()) {
  set_utf8(utf8);
  for (std::size_t i = 0; i < ids_.size(); ++i)
    ids_[i] = tables.intern(theme.style(static_cast<Paint>(i)));
}

StyleId Look::on(Paint paint, Paint back) const {
  Style style = theme_->style(paint);
  const Style& behind = theme_->style(back);
  if (style.bg.kind == Color::Kind::none) style.bg = behind.bg;
  if (style.fg.kind == Color::Kind::none) style.fg = behind.fg;
  style.bold = style.bold || behind.bold;
  style.reverse = style.reverse || behind.reverse;
  if (style.underline == Underline::none) style.underline = behind.underline;
  return tables_->intern(style);
}

StyleId Look::over(StyleId under, Paint over) const {
  Style style = tables_->style(under);
  const Style& top = theme_->style(over);
  if (top.fg.kind != Color::Kind::none) style.fg = top.fg;
  if (top.bg.kind != Color::Kind::none) style.bg = top.bg;
  style.bold = style.bold || top.bold;
  style.reverse = style.reverse != top.reverse;
  if (top.underline != Underline::none) style.underline = top.underline;
  return tables_->intern(style);
}

StyleId Look::colored(StyleId under, Color color) const {
  if (plain_ || color.kind == Color::Kind::none) return under;
  Style style = tables_->style(under);
  style.fg = color;
  return tables_->intern(style);
}

std::string fitted(std::string_view text, int cols, const Glyphs& glyphs) {
  if (cols <= 0) return {};
  if (text_width(text) <= cols) return std::string(text);
  return cut_to_width(text, cols - 1) + std::string(glyphs.more);
}

std::string padded(std::string text, int cols) {
  const int missing = cols - text_width(text);
  if (missing > 0) text.append(static_cast<std::size_t>(missing), ' ');
  return text;
}

std::string plural(std::size_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

std::string duration_words(std::chrono::milliseconds time) {
  const long long ms = time.count();
  const long long seconds = ms / 1000;
  if (ms < 100) return std::to_string(ms) + " ms";
  if (seconds < 60) return std::to_string(seconds) + "." + std::to_string(ms % 1000 / 100) + " s";
  if (seconds < 3600)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

void draw_frame(Surface& surface, const Look& look, Rect frame, Paint paint) {
  if (frame.width < 2 || frame.height < 2) return;
  const Glyphs& g = look.glyphs();
  const StyleId style = look(paint);
  const int right = frame.col + frame.width - 1;
  const int bottom = frame.row + frame.height - 1;
  for (int c = frame.col + 1; c < right; ++c) {
    surface.put({frame.row, c}, g.horizontal, style);
    surface.put({bottom, c}, g.horizontal, style);
  }
  for (int r = frame.row + 1; r < bottom; ++r) {
    surface.put({r, frame.col}, g.vertical, style);
    surface.put({r, right}, g.vertical, style);
  }
  surface.put({frame.row, frame.col}, g.top_left, style);
  surface.put({frame.row, right}, g.top_right, style);
  surface.put({bottom, frame.col}, g.bottom_left, style);
  surface.put({bottom, right}, g.bottom_right, style);
}

void draw_frame_title(Surface& surface, const Look& look, Rect frame, std::string_view title,
                      Paint paint) {
  const int room = frame.width - 4;
  if (room < 1 || title.empty()) return;
  surface.put({frame.row, frame.col + 1}, " " + fitted(title, room, look.glyphs()) + " ", look(paint),
              frame.width - 2);
}

void draw_scroll_thumb(Surface& surface, const Look& look, Rect inner, int top, int total) {
  if (total <= inner.height || inner.height < 1) return;
  const int size = std::max(1, inner.height * inner.height / total);
  const int range = total - inner.height;
  const int at = range > 0 ? (inner.height - size) * std::clamp(top, 0, range) / range : 0;
  for (int r = at; r < at + size; ++r)
    surface.put({inner.row + r, inner.col + inner.width}, look.glyphs().scroll_thumb,
                look(Paint::frame_focus));
}

}  // namespace bdsh::tui
