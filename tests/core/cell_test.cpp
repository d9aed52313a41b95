#include "core/cell.hpp"

#include <gtest/gtest.h>

namespace bdsh {
namespace {

std::string shown(const CellTables& tables, GlyphId glyph) {
  std::string text;
  tables.append_utf8(glyph, text);
  return text;
}

TEST(CellTables, EqualStylesHaveOneId) {
  CellTables tables;
  EXPECT_EQ(tables.intern(Style{}), 0U);
  Style red;
  red.fg = Color::indexed(1);
  Style bold = red;
  bold.bold = true;
  EXPECT_EQ(tables.intern(red), tables.intern(red));
  EXPECT_NE(tables.intern(red), tables.intern(bold));
  EXPECT_EQ(tables.style(tables.intern(bold)), bold);
}

TEST(CellTables, EveryAttributeMakesAnotherStyle) {
  CellTables tables;
  const auto with = [](auto change) {
    Style style;
    change(style);
    return style;
  };
  const Style styles[] = {with([](Style& s) { s.bold = true; }),
                          with([](Style& s) { s.faint = true; }),
                          with([](Style& s) { s.italic = true; }),
                          with([](Style& s) { s.blink = true; }),
                          with([](Style& s) { s.reverse = true; }),
                          with([](Style& s) { s.conceal = true; }),
                          with([](Style& s) { s.strike = true; }),
                          with([](Style& s) { s.overline = true; }),
                          with([](Style& s) { s.fg = Color::rgb(1, 2, 3); }),
                          with([](Style& s) { s.bg = Color::rgb(1, 2, 3); }),
                          with([](Style& s) { s.fg = Color::indexed(0); }),
                          with([](Style& s) { s.underline = Underline::curly; })};
  for (StyleId expected = 1; const Style& style : styles)
    EXPECT_EQ(tables.intern(style), expected++);
}

TEST(CellTables, GlyphsAreShownAsText) {
  CellTables tables;
  EXPECT_EQ(shown(tables, kBlank), " ");
  EXPECT_EQ(shown(tables, kWideRest), "");
  EXPECT_EQ(shown(tables, U'\u4E2D'), "\u4E2D");
  const GlyphId cluster = tables.intern_cluster("e\u0301");
  EXPECT_EQ(cluster, tables.intern_cluster("e\u0301"));
  EXPECT_NE(cluster & kClusterBit, 0U);
  EXPECT_EQ(shown(tables, cluster), "e\u0301");
  EXPECT_EQ(tables.base(cluster), U'e');
  EXPECT_EQ(tables.base(tables.intern_cluster("\U0001F468\u200D")), U'\U0001F468');
  EXPECT_EQ(tables.base(kBlank), U' ');
}

TEST(CellTables, AFullStyleTableQuantisesThenDropsColours) {
  CellTables tables;
  Style style;
  style.fg = Color::indexed(16);
  const StyleId black = tables.intern(style);
  for (std::uint32_t i = 0; i < CellTables::kMaxStyles; ++i) {
    style.fg = Color::rgb(static_cast<std::uint8_t>(i >> 16U), static_cast<std::uint8_t>(i >> 8U),
                          static_cast<std::uint8_t>(i));
    tables.intern(style);
  }
  style.fg = Color::rgb(0, 0, 0);
  style.bg = Color{};
  EXPECT_NE(tables.intern(style), 0U);  // known from before the table was full
  Style late;
  late.fg = Color::rgb(254, 0, 0);  // the palette's 196, never interned
  EXPECT_EQ(tables.intern(late), 0U);
  late.bg = Color::rgb(9, 9, 9);
  EXPECT_EQ(tables.intern(late), 0U);
  EXPECT_NE(black, 0U);
}

TEST(CellTables, AFullClusterTableKeepsTheBaseCharacter) {
  CellTables tables;
  for (std::size_t i = 0; i < CellTables::kMaxClusters; ++i) {
    std::string text = "x\u0301";
    append_utf8(static_cast<char32_t>(0x10000 + i), text);
    tables.intern_cluster(text);
  }
  EXPECT_EQ(tables.intern_cluster("\u4E2D\u0301"), U'\u4E2D');
}

TEST(NearestIndexed, FindsCubeAndGreys) {
  EXPECT_EQ(nearest_indexed(0, 0, 0), 16);
  EXPECT_EQ(nearest_indexed(255, 255, 255), 231);
  EXPECT_EQ(nearest_indexed(255, 0, 0), 196);
  EXPECT_EQ(nearest_indexed(8, 8, 8), 232);
  EXPECT_EQ(nearest_indexed(238, 238, 238), 255);
  EXPECT_EQ(nearest_indexed(128, 128, 128), 244);
  EXPECT_EQ(nearest_indexed(95, 135, 175), 67);
}

}  // namespace
}  // namespace bdsh
