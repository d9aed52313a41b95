// A painter without ncurses, for terminals that only look on: whole rows that changed, in the
// sequences that every terminal of today knows (ECMA-48, xterm's alternate screen).
#include <langinfo.h>

#include <cstring>
#include <optional>

#include "core/text.hpp"
#include "tui/painter_impl.hpp"

namespace bdsh::tui {
namespace {

// The alternate screen; no wrapping at its edge; no cursor.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?7l\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[0m\x1b[?25h\x1b[?7h\x1b[?1049l";

std::string color_number(Color color, int first, bool many) {
  if (color.kind == Color::Kind::none) return {};
  const int index =
      color.kind == Color::Kind::indexed ? color.r : nearest_indexed(color.r, color.g, color.b);
  if (index < 8) return ";" + std::to_string(first + index);
  if (index < 16) return ";" + std::to_string(first + 60 + index - 8);
  return many ? ";" + std::to_string(first + 8) + ";5;" + std::to_string(index) : std::string();
}

std::string rendition(const Style& style, bool many) {
  std::string text = "\x1b[0";
  if (style.bold) text += ";1";
  if (style.faint) text += ";2";
  if (style.italic) text += ";3";
  if (style.underline != Underline::none) text += ";4";
  if (style.blink) text += ";5";
  if (style.reverse) text += ";7";
  if (style.conceal) text += ";8";
  return text + color_number(style.fg, 30, many) + color_number(style.bg, 40, many) + "m";
}

class PlainPainter final : public Painter::Impl {
 public:
  explicit PlainPainter(const PainterOptions& options)
      : term_(options.term),
        many_(options.truecolor || options.term.find("256") != std::string::npos),
        utf8_(std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0) {}

  std::string enter() override {
    redraw();
    return std::string(kEnter);
  }
  std::string leave() override { return std::string(kLeave); }
  std::string leave_bytes() const override { return std::string(kLeave); }
  std::string paint(const Surface& surface) override;
  void resize(Size) override { redraw(); }
  void redraw() override { last_.reset(); }
  std::string set_mouse(bool) override { return {}; }
  int colors() const override { return many_ ? 256 : 16; }
  const std::string& term() const override { return term_; }

 private:
  void append_row(const Surface& surface, int row, std::string& out) const;

  std::string term_;
  bool many_;
  bool utf8_;
  std::optional<Surface> last_;  // nothing: all rows are to be drawn
};

void PlainPainter::append_row(const Surface& surface, int row, std::string& out) const {
  const CellTables& tables = surface.tables();
  out += "\x1b[" + std::to_string(row + 1) + ";1H";
  std::optional<StyleId> style;
  for (int col = 0; col < surface.cols(); ++col) {
    const Cell cell = surface.at({row, col});
    if (cell.glyph == kWideRest && col > 0) continue;
    if (style != cell.style) out += rendition(tables.style(cell.style), many_);
    style = cell.style;
    std::string text;
    tables.append_utf8(cell.glyph, text);
    const bool foreign = !utf8_ && !text.empty() && static_cast<unsigned char>(text[0]) >= 0x80;
    out += text.empty() ? " " : foreign ? "?" : text;
  }
}

std::string PlainPainter::paint(const Surface& surface) {
  const bool all = !last_ || last_->size() != surface.size();
  std::string out;
  if (all) out = "\x1b[0m\x1b[2J";
  for (int row = 0; row < surface.rows(); ++row)
    if (all || !surface.same_row(*last_, row)) append_row(surface, row, out);
  const bool moved = all || !out.empty() || surface.cursor != last_->cursor;
  if (moved && surface.cursor)
    out += "\x1b[0m\x1b[" + std::to_string(surface.cursor->row + 1) + ";" +
           std::to_string(surface.cursor->col + 1) + "H\x1b[?25h";
  else if (moved)
    out += "\x1b[0m\x1b[?25l";
  last_ = surface;
  return out;
}

}  // namespace

std::unique_ptr<Painter::Impl> plain_painter(const PainterOptions& options) {
  return std::make_unique<PlainPainter>(options);
}

}  // namespace bdsh::tui
