#include "app/feed_turn.hpp"

#include <gtest/gtest.h>

namespace bdsh::app {
namespace {

using std::chrono::milliseconds;

constexpr HostId kFlood{0};
constexpr HostId kQuiet{1};
constexpr FeedTurn::Clock::time_point kStart{std::chrono::hours(1)};

TEST(FeedTurn, HoldsTheFloodingHostOnceTheShareIsUsed) {
  FeedTurn turn;
  EXPECT_FALSE(turn.spent(kFlood, 30'000, kStart, kStart + milliseconds(3)));
  EXPECT_TRUE(turn.spent(kFlood, 30'000, kStart + milliseconds(3), kStart + milliseconds(6)));
  EXPECT_EQ(turn.end(), kStart + FeedTurn::kTurn);
}

TEST(FeedTurn, NeverHoldsAHostThatPrintsLittle) {
  FeedTurn turn;
  turn.spent(kFlood, 90'000, kStart, kStart + milliseconds(8));
  EXPECT_FALSE(turn.spent(kQuiet, 100, kStart + milliseconds(8), kStart + milliseconds(8)));
}

TEST(FeedTurn, LetsAsManyGoOnAsFitIntoItsShare) {
  FeedTurn turn;
  EXPECT_EQ(turn.gap(), FeedTurn::kTurn);
  for (int i = 0; i < 100; ++i) turn.spent(kFlood, 30'000, kStart, kStart + milliseconds(2));
  EXPECT_NEAR(std::chrono::duration<double>(turn.gap()).count(), 0.0053, 0.0001);  // 3 in 16 ms
  for (int i = 0; i < 100; ++i) turn.spent(kFlood, 30'000, kStart, kStart + milliseconds(50));
  EXPECT_EQ(turn.gap(), FeedTurn::kTurn);
}

TEST(FeedTurn, BeginsAnewWithTheNextTurn) {
  FeedTurn turn;
  turn.spent(kFlood, 90'000, kStart, kStart + milliseconds(8));
  const auto next = kStart + FeedTurn::kTurn;
  EXPECT_FALSE(turn.spent(kFlood, 30'000, next, next + milliseconds(2)));
}

TEST(FeedTurn, ManySmallOutputsShareATurnToo) {
  FeedTurn turn;
  for (std::uint32_t host = 0; host < 100; ++host)
    EXPECT_FALSE(turn.spent(HostId{host}, 4'000, kStart, kStart + milliseconds(1)));
  EXPECT_TRUE(turn.spent(kFlood, 4'000, kStart, kStart + milliseconds(1)));
}

}  // namespace
}  // namespace bdsh::app
