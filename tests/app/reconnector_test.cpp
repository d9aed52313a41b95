// When lost hosts are tried again, as a transcript with the clock in the test's hand.
#include "app/reconnector.hpp"

#include <gtest/gtest.h>

namespace bdsh::app {
namespace {

using Millis = Reconnector::Millis;

class ReconnectorTest : public ::testing::Test {
 protected:
  static HostStatus live() {
    HostStatus status;
    status.state = HostState::running;
    status.step = ConnectStep::live;
    return status;
  }
  static HostStatus ended(ErrorKind kind) {
    HostStatus status = live();
    status.state = HostState::disconnected;
    status.error = Error{kind, "it broke"};
    return status;
  }
  std::optional<Millis> lose(ErrorKind kind = ErrorKind::lost) {
    return reconnector_.changed(kHost, ended(kind), now_);
  }
  static constexpr HostId kHost{3};
  Reconnector reconnector_{7};
  Reconnector::Time now_{};
};

TEST_F(ReconnectorTest, ALostShellIsTriedAgainWithGrowingPauses) {
  reconnector_.changed(kHost, live(), now_);
  Millis before{0};
  for (int i = 0; i < 10; ++i) {
    const auto delay = lose();
    ASSERT_TRUE(delay);
    EXPECT_GE(*delay, std::min(Reconnector::kLongest, Millis{1'000} * (1 << i)));
    EXPECT_LE(*delay, Reconnector::kLongest * 3 / 2);
    before = *delay;
    EXPECT_TRUE(reconnector_.take_due(now_).empty());
    now_ = reconnector_.next().value();
    EXPECT_EQ(reconnector_.take_due(now_), HostSet::of(kHost));
    EXPECT_FALSE(reconnector_.next());
  }
  EXPECT_GE(before, Reconnector::kLongest);
}

TEST_F(ReconnectorTest, BeingLiveAgainBeginsWithShortPauses) {
  reconnector_.changed(kHost, live(), now_);
  for (int i = 0; i < 4; ++i) {
    lose();
    reconnector_.take_due(reconnector_.next().value());
  }
  reconnector_.changed(kHost, live(), now_);
  EXPECT_LT(lose().value(), Millis{1'500});
}

TEST_F(ReconnectorTest, OnlyTheWayToAHostIsTriedAgain) {
  EXPECT_FALSE(lose());  // it has never been live
  for (const ErrorKind kind : {ErrorKind::auth, ErrorKind::host_key, ErrorKind::cancelled}) {
    reconnector_.changed(kHost, live(), now_);
    EXPECT_FALSE(lose(kind));
    EXPECT_FALSE(lose());  // given up
  }
  reconnector_.changed(kHost, live(), now_);
  HostStatus left = live();
  left.exit = ExitResult{0, ""};
  EXPECT_FALSE(reconnector_.changed(kHost, left, now_));  // the user typed exit
}

TEST_F(ReconnectorTest, TheUserComesFirst) {
  reconnector_.changed(kHost, live(), now_);
  EXPECT_TRUE(lose());
  EXPECT_FALSE(lose());  // decided already
  reconnector_.leave(kHost);
  EXPECT_FALSE(reconnector_.next());
}

}  // namespace
}  // namespace bdsh::app
