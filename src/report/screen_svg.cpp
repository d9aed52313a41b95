#include "report/screen_svg.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/text.hpp"
#include "report/page_report.hpp"

namespace bdsh::report {
namespace {

constexpr int kCellWidth = 9;
constexpr int kCellHeight = 19;
constexpr int kMargin = 12;
constexpr const char* kForeground = "#d7dee5";
constexpr const char* kBackground = "#14191f";
// xterm's first sixteen, a little softened as terminals show them today.
constexpr std::array kBasic = {"#14191f", "#e0524a", "#5fb35a", "#d6a53c", "#4f8fdc", "#b072c9",
                               "#3fb1b5", "#c8d0d8", "#66727f", "#ff7a70", "#86d77f", "#f3c65c",
                               "#7eb3f7", "#d19ae6", "#6cd6d9", "#ffffff"};

std::string hex(int r, int g, int b) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", r & 0xFF, g & 0xFF, b & 0xFF);
  return text.data();
}

std::string indexed(int index) {
  if (index < 16) return kBasic[static_cast<std::size_t>(index)];
  if (index >= 232) return hex(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232));
  const auto level = [](int step) { return step == 0 ? 0 : 55 + 40 * step; };
  const int cube = index - 16;
  return hex(level(cube / 36), level(cube / 6 % 6), level(cube % 6));
}

std::string css(const Color& color, const char* otherwise) {
  if (color.kind == Color::Kind::indexed) return indexed(color.r);
  if (color.kind == Color::Kind::rgb) return hex(color.r, color.g, color.b);
  return otherwise;
}

struct Colors {
  std::string text;
  std::string back;
};

Colors colors_of(const Style& style, bool reverse_screen) {
  Colors colors{css(style.fg, kForeground), css(style.bg, kBackground)};
  if (style.reverse != reverse_screen) std::swap(colors.text, colors.back);
  if (style.conceal) colors.text = colors.back;
  return colors;
}

std::string at(const char* name, int value) {
  return std::string(" ") + name + "=\"" + std::to_string(value) + "\"";
}

class Picture {
 public:
  Picture(const ScreenSnapshot& screen, const CellTables& tables) : screen_(screen), tables_(tables) {}

  std::string draw(const std::string& title) {
    const int width = screen_.size.cols.value * kCellWidth + 2 * kMargin;
    const int height = screen_.size.rows.value * kCellHeight + 2 * kMargin;
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\"" + at("width", width) + at("height", height) +
           " viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
           "\" font-family=\"ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace\" "
           "font-size=\"15\">\n<title>" + html_escaped(sanitised(title)) + "</title>\n<rect" +
           at("width", width) + at("height", height) + " rx=\"6\" fill=\"" + kBackground + "\"/>\n";
    for (int row = 0; row < screen_.size.rows.value; ++row) draw_row(row);
    return out_ + "</svg>\n";
  }

 private:
  // Stretches of one style; a blank stretch has no text.
  void draw_row(int row) {
    const Cell* cells = screen_.row(row);
    const int cols = screen_.size.cols.value;
    for (int begin = 0, end = 0; begin < cols; begin = end) {
      for (end = begin; end < cols && cells[end].style == cells[begin].style; ++end) {
      }
      draw_run(row, begin, end);
    }
  }

  void draw_run(int row, int begin, int end) {
    const Style& style = tables_.style(screen_.row(row)[begin].style);
    const Colors colors = colors_of(style, screen_.reverse);
    const int x = kMargin + begin * kCellWidth;
    const int y = kMargin + row * kCellHeight;
    const int width = (end - begin) * kCellWidth;
    if (colors.back != kBackground)
      out_ += "<rect" + at("x", x) + at("y", y) + at("width", width) + at("height", kCellHeight) +
              " fill=\"" + colors.back + "\"/>\n";
    std::string text;
    for (int col = begin; col < end; ++col) tables_.append_utf8(screen_.row(row)[col].glyph, text);
    if (text.find_first_not_of(' ') == std::string::npos) return;
    out_ += "<text" + at("x", x) + at("y", y + 15) + at("textLength", width) +
            " lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\" fill=\"" + colors.text + "\"" +
            attributes(style) + ">" + html_escaped(sanitised(text, 1U << 16U)) + "</text>\n";
  }

  static std::string attributes(const Style& style) {
    std::string out;
    if (style.bold) out += " font-weight=\"bold\"";
    if (style.italic) out += " font-style=\"italic\"";
    if (style.faint) out += " opacity=\"0.6\"";
    std::string lines;
    if (style.underline != Underline::none) lines += "underline ";
    if (style.strike) lines += "line-through ";
    if (style.overline) lines += "overline ";
    return lines.empty() ? out : out + " text-decoration=\"" + lines.substr(0, lines.size() - 1) + "\"";
  }

  const ScreenSnapshot& screen_;
  const CellTables& tables_;
  std::string out_;
};

}  // namespace

std::string screen_svg(const ScreenSnapshot& screen, const CellTables& tables,
                       const std::string& title) {
  return Picture(screen, tables).draw(title);
}

}  // namespace bdsh::report
