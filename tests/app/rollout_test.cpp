#include "app/rollout.hpp"

#include <gmock/gmock.h>

#include "app/step_times.hpp"

namespace bdsh::app {
namespace {

using std::chrono::milliseconds;

std::string shown(const HostSet& hosts) {
  std::string out;
  hosts.for_each([&](HostId host) { out += std::to_string(host.value); });
  return out;
}

TEST(Rollout, WithoutABoundAllBeginAtOnce) {
  Rollout rollout({}, HostSet::first(4));
  EXPECT_EQ(shown(rollout.next()), "0123");
  rollout.ended(HostId{0}, false);
  EXPECT_EQ(shown(rollout.next()), "");
  EXPECT_FALSE(rollout.stopped());
}

TEST(Rollout, SerialWaitsForAllOfAWave) {
  RolloutRules rules;
  rules.serial = 2;
  Rollout rollout(rules, HostSet::first(5));
  EXPECT_EQ(shown(rollout.next()), "01");
  rollout.ended(HostId{0}, true);
  EXPECT_EQ(shown(rollout.next()), "");
  rollout.ended(HostId{1}, false);
  EXPECT_EQ(shown(rollout.next()), "23") << "failures alone do not stop it";
  rollout.ended(HostId{2}, true);
  rollout.ended(HostId{3}, true);
  EXPECT_EQ(shown(rollout.next()), "4");
}

TEST(Rollout, RollingFillsUp) {
  RolloutRules rules;
  rules.rolling = 2;
  Rollout rollout(rules, HostSet::first(4));
  EXPECT_EQ(shown(rollout.next()), "01");
  EXPECT_EQ(shown(rollout.next()), "");
  rollout.ended(HostId{1}, true);
  EXPECT_EQ(shown(rollout.next()), "2");
  rollout.ended(HostId{1}, true);
  EXPECT_EQ(shown(rollout.next()), "") << "told twice counts once";
}

TEST(Rollout, StopsBeyondAPartOfTheHosts) {
  RolloutRules rules;
  rules.rolling = 1;
  rules.max_fail = config::MaxFail{10, true};  // of 20 hosts: 2
  Rollout rollout(rules, HostSet::first(20));
  for (std::uint32_t host = 0; host < 3; ++host) {
    EXPECT_FALSE(rollout.stopped());
    EXPECT_EQ(rollout.next().size(), 1U);
    rollout.ended(HostId{host}, false);
  }
  EXPECT_TRUE(rollout.stopped());
  EXPECT_TRUE(rollout.next().empty());
  EXPECT_EQ(rollout.reason(), "not started: 3 of 20 hosts failed");
  EXPECT_EQ(rollout.take_left().size(), 17U);
  EXPECT_TRUE(rollout.take_left().empty());
}

TEST(Rollout, FailFastStopsWithTheFirst) {
  RolloutRules rules;
  rules.serial = 1;
  rules.fail_fast = true;
  Rollout rollout(rules, HostSet::first(2));
  (void)rollout.next();
  rollout.ended(HostId{0}, false);
  EXPECT_TRUE(rollout.stopped());
}

HostStatus at(ConnectStep step) {
  HostStatus status;
  status.state = HostState::connecting;
  status.step = step;
  return status;
}

TEST(StepTimes, TakesEachStepsTimeAndBeginsAnewOnARetry) {
  StepTimes times(1);
  const StepTimes::Clock::time_point start{};
  const auto saw = [&](ConnectStep step, int ms) { times.saw(HostId{0}, at(step), start + milliseconds(ms)); };
  saw(ConnectStep::resolve, 0);
  saw(ConnectStep::connect, 500);
  saw(ConnectStep::resolve, 900);  // again
  saw(ConnectStep::connect, 910);
  saw(ConnectStep::handshake, 930);
  saw(ConnectStep::host_key, 950);
  saw(ConnectStep::auth, 960);
  HostStatus done = at(ConnectStep::auth);
  done.exit = ExitResult{0, {}};
  times.saw(HostId{0}, done, start + milliseconds(1000));
  const auto& seconds = times.of(HostId{0});
  EXPECT_NEAR(*seconds[0], 0.010, 1e-9);
  EXPECT_NEAR(*seconds[1], 0.020, 1e-9);
  EXPECT_NEAR(*seconds[2], 0.030, 1e-9);
  EXPECT_NEAR(*seconds[3], 0.040, 1e-9);
}

}  // namespace
}  // namespace bdsh::app
