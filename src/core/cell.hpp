// The character cell shared by hosts' terminals, the screen consensus and the user's screen.
//
// A Cell is 8 bytes: a glyph and a style, both interned in one CellTables per process, so that
// two cells of different hosts are equal exactly when their 8 bytes are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bdsh {

struct Color {
  enum class Kind : std::uint8_t { none, indexed, rgb };
  Kind kind = Kind::none;  // none: the terminal's default
  std::uint8_t r = 0;      // indexed: the palette index 0…255 is in r
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  static constexpr Color indexed(std::uint8_t index) { return {Kind::indexed, index, 0, 0}; }
  static constexpr Color rgb(std::uint8_t r, std::uint8_t g, std::uint8_t b) {
    return {Kind::rgb, r, g, b};
  }
  friend constexpr bool operator==(Color, Color) = default;
};

enum class Underline : std::uint8_t { none, single, doubled, curly, dotted, dashed };

struct Style {
  Color fg;
  Color bg;
  Underline underline = Underline::none;
  bool bold = false;
  bool faint = false;
  bool italic = false;
  bool blink = false;
  bool reverse = false;
  bool conceal = false;
  bool strike = false;
  bool overline = false;
  bool guarded = false;  // DECSCA: selective erasing spares the cell; nothing is seen of it
  friend constexpr bool operator==(const Style&, const Style&) = default;
};

using StyleId = std::uint32_t;  // 0 is the default style
using GlyphId = std::uint32_t;  // a code point, or kClusterBit | index of a grapheme cluster

constexpr GlyphId kClusterBit = 0x8000'0000U;
constexpr GlyphId kBlank = 0;     // a space, printed, erased or never written
constexpr GlyphId kWideRest = 1;  // the right half of the wide glyph in the cell to the left

struct Cell {
  GlyphId glyph = kBlank;
  StyleId style = 0;
  friend constexpr bool operator==(Cell, Cell) = default;
};
static_assert(sizeof(Cell) == 8);

// Interns styles and grapheme clusters (a base character with combining ones). Both tables are
// bounded, since hosts' output fills them: a full style table quantises RGB to the 256-colour
// palette and then drops colours; a full cluster table keeps the base character alone.
// One per process, owned by app; outlives every terminal and surface. Not thread-safe.
class CellTables {
 public:
  static constexpr std::size_t kMaxStyles = 1U << 18U;
  static constexpr std::size_t kMaxClusters = 1U << 16U;

  CellTables();
  StyleId intern(const Style& style);
  const Style& style(StyleId id) const { return styles_[id]; }
  // `text` is one UTF-8 grapheme cluster of more than one code point.
  GlyphId intern_cluster(std::string_view text);
  // Appends the glyph as UTF-8: a blank is a space, the rest of a wide glyph is nothing.
  void append_utf8(GlyphId glyph, std::string& out) const;
  // The first code point of the glyph (U+0020 for a blank).
  char32_t base(GlyphId glyph) const;

 private:
  struct StyleHash {
    std::size_t operator()(const Style& style) const noexcept;
  };
  std::vector<Style> styles_;
  std::unordered_map<Style, StyleId, StyleHash> style_ids_;
  std::vector<std::string> clusters_;
  std::unordered_map<std::string, GlyphId> cluster_ids_;
};

void append_utf8(char32_t code_point, std::string& out);
// Nearest entry of xterm's 256-colour palette (cube and grey ramp, entries 16…255).
std::uint8_t nearest_indexed(std::uint8_t r, std::uint8_t g, std::uint8_t b);

}  // namespace bdsh
