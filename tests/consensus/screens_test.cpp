// Screens as text: one character a cell, hosts' screens in, the majority's out.
#include "consensus/screens.hpp"

#include <gmock/gmock.h>

#include <string>

namespace bdsh::consensus {
namespace {

using testing::ElementsAre;
using Text = std::vector<std::string>;

class Fleet {
 public:
  explicit Fleet(std::vector<Text> screens) : screens_(std::move(screens)), vote_(screens_.size()) {
    for (std::uint32_t i = 0; i < screens_.size(); ++i) show(HostId{i}, screens_[i]);
  }

  void show(HostId host, const Text& text) {
    screens_[host.value] = text;
    std::vector<std::uint64_t> hashes;
    for (const std::string& row : text) hashes.push_back(std::hash<std::string>{}(row));
    vote_.set_rows(
        host, Size{Rows{static_cast<int>(text.size())}, Cols{static_cast<int>(text[0].size())}},
        hashes);
  }

  ScreenConsensus result() {
    asked_ = 0;
    return vote_.result([this](HostId host, int row) {
      ++asked_;
      const std::string& text = screens_[host.value][static_cast<std::size_t>(row)];
      row_.assign(text.size(), Cell{});
      for (std::size_t i = 0; i < text.size(); ++i)
        row_[i].glyph = text[i] == '~' ? kWideRest : static_cast<GlyphId>(text[i]);
      return row_.data();
    });
  }

  ScreenVote& vote() { return vote_; }
  int asked() const { return asked_; }

 private:
  std::vector<Text> screens_;
  ScreenVote vote_;
  std::vector<Cell> row_;  // one for all, so that a pointer kept too long shows
  int asked_ = 0;
};

Text text(const ScreenConsensus& consensus) {
  Text rows;
  for (int r = 0; r < consensus.screen.size.rows.value; ++r) {
    std::string& row = rows.emplace_back();
    for (int c = 0; c < consensus.screen.size.cols.value; ++c) {
      const GlyphId glyph = consensus.screen.row(r)[c].glyph;
      row += glyph == kWideRest ? '~' : glyph == kBlank ? '_' : static_cast<char>(glyph);
    }
  }
  return rows;
}

Text differ(const ScreenConsensus& consensus) {
  Text rows;
  for (std::size_t i = 0; i < consensus.differ.size(); ++i) {
    if (i % static_cast<std::size_t>(consensus.screen.size.cols.value) == 0) rows.emplace_back();
    rows.back() += consensus.differ[i] != 0 ? '^' : '.';
  }
  return rows;
}

TEST(Screens, UnanimousRowsAreLookedAtOnce) {
  Fleet fleet({{"top 1", "abc  "}, {"top 1", "abc  "}, {"top 1", "abc  "}});
  const ScreenConsensus seen = fleet.result();
  EXPECT_THAT(text(seen), ElementsAre("top 1", "abc  "));
  EXPECT_EQ(seen.agree, 3U);
  EXPECT_TRUE(seen.divergent.empty());
  EXPECT_EQ(fleet.asked(), 2);
}

TEST(Screens, TheMajoritysRowWinsAndDifferingCellsAreMarked) {
  Fleet fleet({{"cpu 10%", "mem 20%"}, {"cpu 10%", "mem 29%"}, {"cpu 10%", "mem 20%"}});
  const ScreenConsensus seen = fleet.result();
  EXPECT_THAT(text(seen), ElementsAre("cpu 10%", "mem 20%"));
  EXPECT_THAT(differ(seen), ElementsAre(".......", ".....^."));
  EXPECT_THAT(seen.deviation, ElementsAre(0, 1, 0));
  EXPECT_EQ(seen.agree, 2U);
  EXPECT_EQ(seen.divergent, HostSet::of(HostId{1}));
  EXPECT_TRUE(seen.elsewhere.empty());
}

TEST(Screens, WithoutAMajorityRowCellsVote) {
  Fleet fleet({{"10:01 X"}, {"10:02 ok"}, {"10:03 ok"}});
  fleet.show(HostId{0}, {"10:01 no"});
  const ScreenConsensus seen = fleet.result();
  EXPECT_THAT(text(seen), ElementsAre("10:01 ok"));
  EXPECT_THAT(differ(seen), ElementsAre("....^.^^"));
  EXPECT_THAT(seen.deviation, ElementsAre(2, 1, 1));
}

TEST(Screens, WideGlyphsAreNeverHalved) {
  Fleet fleet({{"W~1"}, {"ab2"}, {"ab3"}});
  EXPECT_THAT(text(fleet.result()), ElementsAre("ab1"));
  Fleet other({{"aW~"}, {"axc"}, {"ayc"}});
  EXPECT_THAT(text(other.result()), ElementsAre("a_c"));
}

TEST(Screens, AHostInAnotherProgramIsElsewhereAndMarksNothing) {
  Fleet fleet({{"htop...", "cpu 10%"},
               {"htop...", "cpu 11%"},
               {"GNU na ", "^G Help"},
               {"htop...", "cpu 10%"}});
  const ScreenConsensus seen = fleet.result();
  EXPECT_EQ(seen.elsewhere, HostSet::of(HostId{2}));
  EXPECT_THAT(differ(seen), ElementsAre(".......", ".....^."));
}

TEST(Screens, AnotherSizeDivergesWhole) {
  Fleet fleet({{"ab"}, {"ab"}, {"abc"}});
  const ScreenConsensus seen = fleet.result();
  EXPECT_THAT(text(seen), ElementsAre("ab"));
  EXPECT_THAT(seen.deviation, ElementsAre(0, 0, 2));
}

TEST(Screens, LeavingAndComingBack) {
  Fleet fleet({{"ab"}, {"cd"}, {"cd"}});
  fleet.vote().leave(HostId{1});
  fleet.vote().leave(HostId{2});
  EXPECT_EQ(fleet.result().agree, 1U);
  EXPECT_THAT(text(fleet.result()), ElementsAre("ab"));
  fleet.show(HostId{1}, {"cd"});
  fleet.show(HostId{2}, {"cd"});
  EXPECT_THAT(text(fleet.result()), ElementsAre("cd"));
}

TEST(Screens, NobodyAndTheCursor) {
  ScreenVote empty(3);
  EXPECT_TRUE(empty.result([](HostId, int) { return nullptr; }).hosts.empty());
  Fleet fleet({{"abc"}, {"abc"}, {"abc"}});
  fleet.vote().set_cursor(HostId{0}, {0, 0}, true);
  fleet.vote().set_cursor(HostId{1}, {0, 2}, true);
  fleet.vote().set_cursor(HostId{2}, {0, 2}, true);
  EXPECT_EQ(fleet.result().screen.cursor, (Point{0, 2}));
  EXPECT_TRUE(fleet.result().screen.cursor_visible);
}

}  // namespace
}  // namespace bdsh::consensus
