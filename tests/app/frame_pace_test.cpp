#include "app/frame_pace.hpp"

#include <gtest/gtest.h>

namespace bdsh::app {
namespace {

using std::chrono::milliseconds;

constexpr FramePace::Clock::time_point kStart{std::chrono::hours(1)};
constexpr bool kUrgent = true;

TEST(FramePace, DrawsAtOnceAfterAPause) {
  FramePace pace;
  EXPECT_LE(pace.next(false), kStart);
}

TEST(FramePace, SpreadsFramesOfOutputEvenly) {
  FramePace pace;
  pace.drew(Frame::sent, kStart);
  EXPECT_EQ(pace.next(false), kStart + FramePace::kInterval);
  pace.drew(Frame::sent, kStart + FramePace::kInterval);
  EXPECT_EQ(pace.next(false), kStart + 2 * FramePace::kInterval);
}

TEST(FramePace, AnEchoNeedNotWaitBehindAFrameOfOutput) {
  FramePace pace;
  pace.drew(Frame::sent, kStart);
  EXPECT_LE(pace.next(kUrgent), kStart + milliseconds(1));
}

TEST(FramePace, UrgentFramesKeepTheRateToo) {
  FramePace pace;
  auto now = kStart;
  int drawn = 0;
  for (; now < kStart + std::chrono::seconds(1); ++drawn) {
    pace.drew(Frame::sent, now);
    now = std::max(now, pace.next(kUrgent));
  }
  EXPECT_LE(drawn, 60);
}

TEST(FramePace, OutputWaitsTwiceAfterAnUrgentFrame) {
  FramePace pace;
  pace.drew(Frame::sent, kStart);
  pace.drew(Frame::sent, kStart);  // the echo
  EXPECT_EQ(pace.next(false), kStart + 2 * FramePace::kInterval);
}

TEST(FramePace, AFrameThatChangedNothingCostsLess) {
  FramePace pace;
  pace.drew(Frame::unchanged, kStart);
  EXPECT_EQ(pace.next(false), kStart + FramePace::kUnchanged);
}

}  // namespace
}  // namespace bdsh::app
