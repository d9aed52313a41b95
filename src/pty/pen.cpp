#include "pty/pen.hpp"

#include <algorithm>
#include <optional>

namespace bdsh::pty {
namespace {

std::uint8_t byte_of(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

// Where the sub-parameters (38:2:…) of parameter `index` end.
std::size_t subs_end(const Csi& csi, std::size_t index) {
  std::size_t end = index + 1;
  while (end < csi.count && csi.params[end].sub) ++end;
  return end;
}

// 38:5:n, 38:2:r:g:b and 38:2:space:r:g:b.
std::optional<Color> color_in_subs(const Csi& csi, std::size_t index, std::size_t end) {
  const std::size_t count = end - index - 1;
  const int kind = csi.value(index + 1, 0);
  if (kind == 5 && count >= 2) return Color::indexed(byte_of(csi.value(index + 2, 0)));
  if (kind != 2 || count < 4) return std::nullopt;
  const std::size_t r = index + (count >= 5 ? 3 : 2);
  return Color::rgb(byte_of(csi.value(r, 0)), byte_of(csi.value(r + 1, 0)),
                    byte_of(csi.value(r + 2, 0)));
}

// 38;5;n and 38;2;r;g;b; moves `index` to the last parameter that belongs to it.
std::optional<Color> color_in_params(const Csi& csi, std::size_t& index) {
  const int kind = csi.value(index + 1, 0);
  const std::size_t start = index;
  if (kind == 5 && start + 2 < csi.count) {
    index = start + 2;
    return Color::indexed(byte_of(csi.value(start + 2, 0)));
  }
  if (kind == 2 && start + 4 < csi.count) {
    index = start + 4;
    return Color::rgb(byte_of(csi.value(start + 2, 0)), byte_of(csi.value(start + 3, 0)),
                      byte_of(csi.value(start + 4, 0)));
  }
  index = csi.count;  // cut off: what follows cannot be told apart
  return std::nullopt;
}

// 38, 48 or 58 at `index`; moves it to the last parameter that belongs to it.
void extended_color(const Csi& csi, std::size_t& index, Style& pen) {
  const int which = csi.params[index].value;
  const std::size_t end = subs_end(csi, index);
  std::optional<Color> color;
  if (end > index + 1) {
    color = color_in_subs(csi, index, end);
    index = end - 1;
  } else {
    color = color_in_params(csi, index);
  }
  if (color && which == 38) pen.fg = *color;
  if (color && which == 48) pen.bg = *color;
}

// Protection is not an attribute of SGR.
void reset(Style& pen) {
  const bool guarded = pen.guarded;
  pen = {};
  pen.guarded = guarded;
}

void set_underline(const Csi& csi, std::size_t index, Style& pen) {
  const bool has_style = subs_end(csi, index) > index + 1;
  const int style = has_style ? csi.value(index + 1, 0) : 1;
  if (style >= 0 && style <= 5) pen.underline = static_cast<Underline>(style);
}

bool set_attribute(int code, Style& pen) {
  switch (code) {
    case 0:
      reset(pen);
      return true;
    case 1:
      pen.bold = true;
      return true;
    case 2:
      pen.faint = true;
      return true;
    case 3:
      pen.italic = true;
      return true;
    case 5:
    case 6:
      pen.blink = true;
      return true;
    case 7:
      pen.reverse = true;
      return true;
    case 8:
      pen.conceal = true;
      return true;
    case 9:
      pen.strike = true;
      return true;
    case 21:
      pen.underline = Underline::doubled;
      return true;
    case 53:
      pen.overline = true;
      return true;
    default:
      return false;
  }
}

bool clear_attribute(int code, Style& pen) {
  switch (code) {
    case 22:
      pen.bold = pen.faint = false;
      return true;
    case 23:
      pen.italic = false;
      return true;
    case 24:
      pen.underline = Underline::none;
      return true;
    case 25:
      pen.blink = false;
      return true;
    case 27:
      pen.reverse = false;
      return true;
    case 28:
      pen.conceal = false;
      return true;
    case 29:
      pen.strike = false;
      return true;
    case 39:
      pen.fg = {};
      return true;
    case 49:
      pen.bg = {};
      return true;
    case 55:
      pen.overline = false;
      return true;
    default:
      return false;
  }
}

void set_basic_color(int code, Style& pen) {
  if (code >= 30 && code <= 37) pen.fg = Color::indexed(byte_of(code - 30));
  if (code >= 40 && code <= 47) pen.bg = Color::indexed(byte_of(code - 40));
  if (code >= 90 && code <= 97) pen.fg = Color::indexed(byte_of(code - 90 + 8));
  if (code >= 100 && code <= 107) pen.bg = Color::indexed(byte_of(code - 100 + 8));
}

void append_color(int base, Color color, std::string& out) {
  if (color.kind == Color::Kind::none) return;
  out += ';' + std::to_string(base + 8);
  if (color.kind == Color::Kind::indexed)
    out += ":5:" + std::to_string(color.r);
  else
    out += ":2::" + std::to_string(color.r) + ':' + std::to_string(color.g) + ':' +
           std::to_string(color.b);
}

}  // namespace

void apply_sgr(const Csi& csi, Style& pen) {
  if (csi.count == 0) reset(pen);
  for (std::size_t i = 0; i < csi.count; ++i) {
    const int code = csi.value(i, 0);
    if (code == 38 || code == 48 || code == 58) {
      extended_color(csi, i, pen);
      continue;
    }
    if (code == 4)
      set_underline(csi, i, pen);
    else if (!set_attribute(code, pen) && !clear_attribute(code, pen))
      set_basic_color(code, pen);
    i = subs_end(csi, i) - 1;
  }
}

std::string sgr_params(const Style& pen) {
  std::string out = "0";
  const auto add = [&out](bool on, const char* code) {
    if (on) out += code;
  };
  add(pen.bold, ";1");
  add(pen.faint, ";2");
  add(pen.italic, ";3");
  if (pen.underline == Underline::single) out += ";4";
  if (pen.underline > Underline::single)
    out += ";4:" + std::to_string(static_cast<int>(pen.underline));
  add(pen.blink, ";5");
  add(pen.reverse, ";7");
  add(pen.conceal, ";8");
  add(pen.strike, ";9");
  add(pen.overline, ";53");
  append_color(30, pen.fg, out);
  append_color(40, pen.bg, out);
  return out;
}

}  // namespace bdsh::pty
