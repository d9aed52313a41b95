#include "tui/surface.hpp"

#include <gtest/gtest.h>

namespace bdsh::tui {
namespace {

class SurfaceTest : public testing::Test {
 protected:
  CellTables tables_;
  Surface surface_{tables_, {Rows{3}, Cols{10}}};
};

TEST_F(SurfaceTest, PutsTextByItsWidthAndClips) {
  EXPECT_EQ(surface_.put({0, 0}, "漢字abc", 0), 7);
  EXPECT_EQ(surface_.put({1, 7}, "abcdef", 0), 3);
  EXPECT_EQ(surface_.put({2, 9}, "漢", 0), 0);
  EXPECT_EQ(surface_.put({9, 9}, "x", 0), 1);
  EXPECT_EQ(surface_.to_text(), "漢字abc\n       abc\n\n");
}

TEST_F(SurfaceTest, MakesForeignTextHarmless) {
  surface_.put({0, 0}, "a\x1b[2Jb", 0);
  surface_.put({1, 0}, "e\u0301\tx", 0);
  EXPECT_EQ(surface_.to_text(), "a\uFFFD[2Jb\ne\u0301 x\n\n");
}

TEST_F(SurfaceTest, HalfOfAWideGlyphLeavesNoHalf) {
  surface_.put({0, 0}, "漢漢", 0);
  surface_.put({0, 1}, "xy", 0);
  EXPECT_EQ(surface_.to_text(), " xy\n\n\n");
}

TEST_F(SurfaceTest, BlitCutsWideGlyphsAtTheEdges) {
  Surface source(tables_, {Rows{1}, Cols{6}});
  source.put({0, 0}, "漢ab漢", 0);
  ScreenSnapshot screen;
  screen.size = source.size();
  screen.cells.assign(source.row(0), source.row(0) + 6);
  surface_.blit(screen, {0, 1}, {0, 0, 2, 4});
  EXPECT_EQ(surface_.to_text(), " ab\n\n\n");
  surface_.blit(screen, {0, 0}, {2, 8, 5, 9});
  EXPECT_EQ(surface_.to_text(), " ab\n\n        漢\n");
}

TEST_F(SurfaceTest, ComparesRows) {
  Surface other = surface_;
  EXPECT_EQ(surface_, other);
  other.put({1, 1}, "x", 0);
  EXPECT_TRUE(surface_.same_row(other, 0));
  EXPECT_FALSE(surface_.same_row(other, 1));
  EXPECT_FALSE(surface_ == other);
}

}  // namespace
}  // namespace bdsh::tui
