#include "core/text.hpp"

#include <algorithm>
#include <iterator>

#include "core/cell.hpp"

namespace bdsh {
namespace {

struct WidthRange {
  char32_t first;
  char32_t last;
};

#include "core/width_table.inc"

template <std::size_t N>
bool in_table(const WidthRange (&table)[N], char32_t code) {
  const auto* after = std::upper_bound(std::begin(table), std::end(table), code,
                                       [](char32_t c, const WidthRange& r) { return c < r.first; });
  return after != std::begin(table) && code <= std::prev(after)->last;
}

constexpr char32_t kReplacement = 0xFFFD;

// How many bytes at the beginning of the text are printable ASCII.
std::size_t printable_ascii(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && text[count] >= 0x20 && text[count] < 0x7F) ++count;
  return count;
}

}  // namespace

int char_width(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return -1;
  if (code < 0x300) return 1;
  if (in_table(kZeroWidth, code)) return 0;
  return in_table(kDoubleWidth, code) ? 2 : 1;
}

char32_t decode_utf8(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  ++at;
  if (lead < 0x80) return lead;
  const int more = lead >= 0xC2 && lead < 0xE0 ? 1 : lead >= 0xE0 && lead < 0xF0 ? 2
                   : lead >= 0xF0 && lead < 0xF5 ? 3 : 0;
  if (more == 0 || at + static_cast<std::size_t>(more) > text.size()) return kReplacement;
  char32_t code = lead & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 0; i < more; ++i) {
    const unsigned char next = byte(at + static_cast<std::size_t>(i));
    if ((next & 0xC0U) != 0x80U) return kReplacement;
    code = code << 6U | (next & 0x3FU);
  }
  const bool overlong = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return kReplacement;
  at += static_cast<std::size_t>(more);
  return code;
}

int text_width(std::string_view text) {
  int width = 0;
  for (std::size_t at = 0; at < text.size();) width += std::max(0, char_width(decode_utf8(text, at)));
  return width;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string sanitised(std::string_view text, std::size_t max_bytes) {
  std::string out;
  out.reserve(std::min(text.size(), max_bytes));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t plain = printable_ascii(text.substr(at, max_bytes - out.size()));
    out.append(text, at, plain);
    at += plain;
    if (at == text.size() || out.size() >= max_bytes) break;
    const char32_t code = decode_utf8(text, at);
    const std::size_t before = out.size();
    if (code == U'\t' || code == U'\n' || code == U'\r')
      out.push_back(' ');
    else
      append_utf8(char_width(code) < 0 ? kReplacement : code, out);
    if (out.size() > max_bytes) return out.substr(0, before);
  }
  return out;
}

std::string cut_to_width(std::string_view text, int columns) {
  std::string out;
  int width = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const int step = std::max(0, char_width(decode_utf8(text, at)));
    if (width + step > columns) break;
    width += step;
    out.append(text.substr(start, at - start));
  }
  return out;
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c != '\0')
      out += c;
  }
  return out + "'";
}

std::string plain_file_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    name += plain ? c : '_';
  }
  return name.empty() || name[0] == '.' || name[0] == '-' ? "_" + name : name;
}

}  // namespace bdsh
