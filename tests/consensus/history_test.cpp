#include "consensus/history.hpp"

#include <gmock/gmock.h>

namespace bdsh::consensus {
namespace {

// A common block of `lines` lines, then a difference of one line each.
RoundRecord record(int round, std::size_t lines) {
  RoundRecord made;
  made.round = round;
  MergedBlock common;
  common.lines.assign(lines, TextLine{std::string(100, 'x'), {}});
  MergedBlock difference;
  difference.kind = MergedBlock::Kind::difference;
  difference.sides = {Side{{0}, {}, {{"a", {}}}}, Side{{1}, {}, {{"b", {}}}}};
  made.view.blocks = {common, difference};
  return made;
}

std::vector<int> numbers(const History& history) {
  std::vector<int> all;
  for (const RoundRecord& kept : history.rounds()) all.push_back(kept.round);
  return all;
}

TEST(History, ForgetsTheOldestBeyondTheCount) {
  History history(2, 1'000'000);
  for (int round = 1; round <= 4; ++round) history.add(record(round, 1));
  EXPECT_THAT(numbers(history), testing::ElementsAre(3, 4));
  EXPECT_EQ(history.find(1), nullptr);
  ASSERT_NE(history.find(3), nullptr);
  EXPECT_EQ(history.find(3)->round, 3);
}

TEST(History, ForgetsTheOldestBeyondTheBytes) {
  const std::size_t one = memory_of(record(1, 50));
  History history(100, 5 * one);
  for (int round = 1; round <= 20; ++round) history.add(record(round, 50));
  EXPECT_THAT(numbers(history), testing::ElementsAre(16, 17, 18, 19, 20));
}

TEST(History, CutsAViewThatIsTooLarge) {
  const std::size_t ten = memory_of(record(1, 10).view);
  History history(100, 4 * ten);
  history.add(record(1, 1'000));
  const MergedView& view = history.rounds().front().view;
  EXPECT_LE(memory_of(view), ten);
  ASSERT_EQ(view.blocks.size(), 1U);
  EXPECT_EQ(view.blocks[0].lines.size() + view.left_out_lines, 1'001U);
  EXPECT_GT(view.blocks[0].lines.size(), 5U);
}

TEST(History, KeepsNothingWhereNothingMayBeKept) {
  History history(0, 1'000'000);
  history.add(record(1, 1));
  EXPECT_THAT(history.rounds(), testing::IsEmpty());
}

}  // namespace
}  // namespace bdsh::consensus
