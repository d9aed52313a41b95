// The life of a session as a transcript: event → action, with the clock in the test's hand.
#include "net/lifecycle.hpp"

#include <gtest/gtest.h>

namespace bdsh::net {
namespace {

using Kind = Event::Kind;
using Phase = Lifecycle::Phase;

class LifecycleTest : public ::testing::Test {
 public:
  Do feed(const Event& event) { return life_.next(event, now_); }
  void wait(int milliseconds) { now_ += Millis{milliseconds}; }
  Do wait_for_deadline() {
    now_ = life_.deadline().value();
    return feed(Kind::deadline);
  }
  int until_deadline() const {
    return static_cast<int>(
        std::chrono::duration_cast<Millis>(life_.deadline().value() - now_).count());
  }
  HostState state() const { return life_.status().state; }
  void reach_handshake() {
    EXPECT_EQ(feed(Kind::start), Do::wait_for_turn);
    EXPECT_EQ(feed(Kind::turn), Do::resolve);
    EXPECT_EQ(feed(Event::resolved(1)), Do::connect);
    EXPECT_EQ(feed(Kind::connected), Do::handshake);
  }
  void reach_auth() {
    reach_handshake();
    EXPECT_EQ(feed(Kind::handshaken), Do::check_key);
    EXPECT_EQ(feed(Kind::key_accepted), Do::authenticate);
  }
  void reach_live() {
    reach_auth();
    EXPECT_EQ(feed(Kind::authenticated), Do::open);
    EXPECT_EQ(feed(Kind::opened), Do::converse);
  }
  static Error error(ErrorKind kind) { return {kind, "it broke"}; }

  Limits limits_{.connect_timeout = Millis{10'000}, .max_retries = 0};
  Lifecycle life_{limits_};
  Time now_{};
};

TEST_F(LifecycleTest, StraightWayToAnExitStatus) {
  reach_live();
  EXPECT_EQ(state(), HostState::running);
  EXPECT_FALSE(life_.deadline());
  EXPECT_FALSE(life_.holds_turn());
  EXPECT_EQ(feed(Event::exited({0, ""})), Do::nothing);
  EXPECT_FALSE(life_.status().ended());  // output may still follow
  EXPECT_EQ(feed(Kind::closed), Do::finish);
  EXPECT_EQ(state(), HostState::done);
  EXPECT_EQ(life_.status().exit, (ExitResult{0, ""}));
}

TEST_F(LifecycleTest, ClosedWithoutAStatusIsNoSuccess) {
  reach_live();
  EXPECT_EQ(feed(Kind::closed), Do::finish);
  EXPECT_EQ(state(), HostState::failed);
  EXPECT_EQ(life_.status().exit, ExitResult{});
}

TEST_F(LifecycleTest, TheConnectionMayEndRightAfterTheStatus) {
  reach_live();
  feed(Event::exited({3, ""}));
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::lost))), Do::finish);
  EXPECT_EQ(life_.status().exit, (ExitResult{3, ""}));
  EXPECT_FALSE(life_.status().error);
}

TEST_F(LifecycleTest, QuietAfterTheStatusEndsTheSession) {
  reach_live();
  feed(Event::exited({0, ""}));
  EXPECT_EQ(until_deadline(), 1'000);
  wait(900);
  feed(Kind::received);
  EXPECT_EQ(until_deadline(), 1'000);
  EXPECT_EQ(wait_for_deadline(), Do::finish);
  EXPECT_EQ(state(), HostState::done);
}

TEST_F(LifecycleTest, NoiseAfterTheStatusIsBoundedToo) {
  reach_live();
  feed(Event::exited({0, ""}));
  for (int i = 0; i < 9; ++i) {
    wait(500);
    feed(Kind::received);
  }
  EXPECT_EQ(until_deadline(), 500);
}

TEST_F(LifecycleTest, OneTimeoutCoversResolvingToLoggedIn) {
  feed(Kind::start);
  wait(60'000);  // waiting for a turn costs nothing
  feed(Kind::turn);
  EXPECT_EQ(until_deadline(), 10'000);
  wait(4'000);
  feed(Event::resolved(1));
  wait(3'000);
  feed(Kind::connected);
  EXPECT_EQ(until_deadline(), 3'000);
  EXPECT_EQ(wait_for_deadline(), Do::finish);
  EXPECT_EQ(life_.status().error->kind, ErrorKind::timeout);
  EXPECT_EQ(life_.status().error->message,
            "no answer while waiting for its SSH handshake (10 s allowed)");
}

TEST_F(LifecycleTest, EachAddressHasItsShareOfTheTime) {
  feed(Kind::start);
  feed(Kind::turn);
  EXPECT_EQ(feed(Event::resolved(2)), Do::connect);
  EXPECT_EQ(life_.address(), 0);
  EXPECT_EQ(until_deadline(), 5'000);
  EXPECT_EQ(wait_for_deadline(), Do::connect);
  EXPECT_EQ(life_.address(), 1);
  EXPECT_EQ(until_deadline(), 5'000);
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::connect))), Do::finish);
}

TEST_F(LifecycleTest, AQuestionStopsTheClockAndGivesTheTurnBack) {
  reach_handshake();
  feed(Kind::handshaken);
  wait(4'000);
  EXPECT_EQ(feed(Event::ask(Prompt{})), Do::nothing);
  EXPECT_EQ(state(), HostState::waiting);
  EXPECT_FALSE(life_.holds_turn());
  EXPECT_FALSE(life_.deadline());
  wait(3'600'000);
  EXPECT_EQ(feed(Kind::answered), Do::wait_for_turn);
  EXPECT_FALSE(life_.status().asking);
  EXPECT_EQ(feed(Kind::turn), Do::resume);
  EXPECT_EQ(life_.phase(), Phase::checking_key);
  EXPECT_EQ(until_deadline(), 6'000);
}

TEST_F(LifecycleTest, AConnectionLostOverAQuestionIsMadeAgainOnce) {
  reach_handshake();
  feed(Kind::handshaken);
  feed(Event::ask({}));
  feed(Kind::answered);
  feed(Kind::turn);
  feed(Kind::key_accepted);
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::lost))), Do::disconnect);
  EXPECT_EQ(wait_for_deadline(), Do::wait_for_turn);
  EXPECT_EQ(feed(Kind::turn), Do::resolve);
  feed(Event::resolved(1));
  feed(Kind::connected);
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::lost))), Do::finish);
}

TEST_F(LifecycleTest, TurnedAwayIsTriedAgainWithinTheTimeout) {
  reach_handshake();
  int tries = 0;
  while (feed(Event::turned_away(error(ErrorKind::connect))) == Do::disconnect) {
    ++tries;
    EXPECT_FALSE(life_.holds_turn());
    ASSERT_EQ(wait_for_deadline(), Do::wait_for_turn);
    ASSERT_EQ(feed(Kind::turn), Do::resolve);
    feed(Event::resolved(1));
    feed(Kind::connected);
    ASSERT_LT(tries, 20);
  }
  EXPECT_GE(tries, 4);
  EXPECT_LT(now_, Time{} + Millis{10'000});
  EXPECT_EQ(state(), HostState::failed);
}

TEST_F(LifecycleTest, ConnectionErrorsAreRetriedWithGrowingDelays) {
  limits_.max_retries = 2;
  life_ = Lifecycle(limits_);
  feed(Kind::start);
  feed(Kind::turn);
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::resolve))), Do::disconnect);
  const int first = until_deadline();
  EXPECT_GE(first, 1'000);
  EXPECT_TRUE(life_.note().ends_with("(1 of 2)")) << life_.note();
  wait_for_deadline();
  feed(Kind::turn);
  EXPECT_EQ(until_deadline(), 10'000);  // each try has the whole timeout
  feed(Event::resolved(1));
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::connect))), Do::disconnect);
  EXPECT_GE(until_deadline(), 2'000);
  wait_for_deadline();
  feed(Kind::turn);
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::resolve))), Do::finish);
}

TEST_F(LifecycleTest, RefusedLoginsAndKeysAreNeverRetried) {
  limits_.max_retries = 5;
  for (const ErrorKind kind : {ErrorKind::auth, ErrorKind::host_key, ErrorKind::protocol}) {
    life_ = Lifecycle(limits_);
    reach_auth();
    EXPECT_EQ(feed(Event::failed(error(kind))), Do::finish);
    EXPECT_EQ(life_.status().error->kind, kind);
  }
}

TEST_F(LifecycleTest, ALiveSessionThatBreaksIsDisconnectedAndNotRetried) {
  limits_.max_retries = 5;
  life_ = Lifecycle(limits_);
  reach_live();
  EXPECT_EQ(feed(Event::failed(error(ErrorKind::lost))), Do::finish);
  EXPECT_EQ(state(), HostState::disconnected);
}

TEST_F(LifecycleTest, ACommandMayHaveATimeLimit) {
  limits_.command_timeout = Millis{2'500};
  life_ = Lifecycle(limits_);
  reach_live();
  EXPECT_EQ(wait_for_deadline(), Do::finish);
  EXPECT_EQ(life_.status().error->message, "still running after 2.5 s, ended");
}

TEST_F(LifecycleTest, StopEndsEveryPhaseAndAStartBeginsAnew) {
  for (const auto reach : {&LifecycleTest::reach_handshake, &LifecycleTest::reach_auth,
                           &LifecycleTest::reach_live}) {
    life_ = Lifecycle(limits_);
    (this->*reach)();
    EXPECT_EQ(feed(Kind::stop), Do::finish);
    EXPECT_EQ(life_.status().error->kind, ErrorKind::cancelled);
    EXPECT_EQ(feed(Kind::stop), Do::nothing);
    EXPECT_EQ(feed(Kind::start), Do::wait_for_turn);
    EXPECT_FALSE(life_.status().error);
  }
}

TEST_F(LifecycleTest, StrayEventsAreIgnored) {
  EXPECT_EQ(feed(Kind::turn), Do::nothing);
  EXPECT_EQ(feed(Kind::answered), Do::nothing);
  feed(Kind::start);
  EXPECT_EQ(feed(Kind::start), Do::nothing);
  EXPECT_EQ(feed(Kind::answered), Do::nothing);
  EXPECT_EQ(feed(Kind::deadline), Do::nothing);
}

}  // namespace
}  // namespace bdsh::net
