#include "core/cell.hpp"

#include <array>
#include <cstdlib>

namespace bdsh {
namespace {

constexpr std::array<int, 6> kCubeLevels{0, 95, 135, 175, 215, 255};

std::uint32_t pack(Color color) {
  return static_cast<std::uint32_t>(color.kind) << 24U | static_cast<std::uint32_t>(color.r) << 16U |
         static_cast<std::uint32_t>(color.g) << 8U | color.b;
}

int nearest_level(int value) {
  int best = 0;
  for (int i = 1; i < 6; ++i)
    if (std::abs(kCubeLevels[static_cast<std::size_t>(i)] - value) <
        std::abs(kCubeLevels[static_cast<std::size_t>(best)] - value))
      best = i;
  return best;
}

int square_distance(int r1, int g1, int b1, int r2, int g2, int b2) {
  return (r1 - r2) * (r1 - r2) + (g1 - g2) * (g1 - g2) + (b1 - b2) * (b1 - b2);
}

Color quantised(Color color) {
  return color.kind == Color::Kind::rgb ? Color::indexed(nearest_indexed(color.r, color.g, color.b))
                                        : color;
}

char32_t first_code_point(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.empty() ? ' ' : text.front());
  const int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t code = more == 0 ? lead : lead & (0x3FU >> static_cast<unsigned>(more));
  for (int i = 1; i <= more && static_cast<std::size_t>(i) < text.size(); ++i)
    code = code << 6U | (static_cast<unsigned char>(text[static_cast<std::size_t>(i)]) & 0x3FU);
  return code;
}

}  // namespace

CellTables::CellTables() { intern(Style{}); }

std::size_t CellTables::StyleHash::operator()(const Style& s) const noexcept {
  std::uint64_t bits = static_cast<std::uint64_t>(pack(s.fg)) << 32U | pack(s.bg);
  const std::uint64_t flags = static_cast<std::uint64_t>(s.underline) << 8U | s.bold | s.faint << 1 |
                              s.italic << 2 | s.blink << 3 | s.reverse << 4 | s.conceal << 5 |
                              s.strike << 6 | s.overline << 7 | s.guarded << 16;
  bits ^= (flags + 1) * 0x9E37'79B9'7F4A'7C15ULL;
  bits *= 0xBF58'476D'1CE4'E5B9ULL;
  return static_cast<std::size_t>(bits ^ bits >> 29U);
}

StyleId CellTables::intern(const Style& style) {
  if (const auto found = style_ids_.find(style); found != style_ids_.end()) return found->second;
  if (styles_.size() >= kMaxStyles) {
    Style plain = style;
    plain.fg = quantised(plain.fg);
    plain.bg = quantised(plain.bg);
    if (const auto found = style_ids_.find(plain); found != style_ids_.end()) return found->second;
    return 0;
  }
  const auto id = static_cast<StyleId>(styles_.size());
  styles_.push_back(style);
  style_ids_.emplace(style, id);
  return id;
}

GlyphId CellTables::intern_cluster(std::string_view text) {
  std::string key(text);
  if (const auto found = cluster_ids_.find(key); found != cluster_ids_.end()) return found->second;
  if (clusters_.size() >= kMaxClusters) return first_code_point(text);
  const GlyphId id = kClusterBit | static_cast<GlyphId>(clusters_.size());
  clusters_.push_back(key);
  cluster_ids_.emplace(std::move(key), id);
  return id;
}

void CellTables::append_utf8(GlyphId glyph, std::string& out) const {
  if (glyph == kWideRest) return;
  if (glyph == kBlank)
    out.push_back(' ');
  else if ((glyph & kClusterBit) != 0)
    out += clusters_[glyph & ~kClusterBit];
  else
    bdsh::append_utf8(glyph, out);
}

char32_t CellTables::base(GlyphId glyph) const {
  if (glyph == kBlank || glyph == kWideRest) return U' ';
  if ((glyph & kClusterBit) != 0) return first_code_point(clusters_[glyph & ~kClusterBit]);
  return glyph;
}

void append_utf8(char32_t code, std::string& out) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6U);
    put(0x80 | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12U);
    put(0x80 | (code >> 6U & 0x3FU));
    put(0x80 | (code & 0x3FU));
  } else {
    put(0xF0 | code >> 18U);
    put(0x80 | (code >> 12U & 0x3FU));
    put(0x80 | (code >> 6U & 0x3FU));
    put(0x80 | (code & 0x3FU));
  }
}

std::uint8_t nearest_indexed(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
  const int lr = nearest_level(r);
  const int lg = nearest_level(g);
  const int lb = nearest_level(b);
  const auto level = [](int i) { return kCubeLevels[static_cast<std::size_t>(i)]; };
  const int cube = square_distance(r, g, b, level(lr), level(lg), level(lb));
  const int average = (r + g + b) / 3;
  const int step = average < 8 ? 0 : average > 238 ? 23 : (average - 8 + 5) / 10;
  const int grey = 8 + 10 * step;
  if (square_distance(r, g, b, grey, grey, grey) < cube) return static_cast<std::uint8_t>(232 + step);
  return static_cast<std::uint8_t>(16 + 36 * lr + 6 * lg + lb);
}

}  // namespace bdsh
