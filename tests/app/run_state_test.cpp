#include "app/run_state.hpp"

#include <gmock/gmock.h>

namespace bdsh::app {
namespace {

using std::chrono::milliseconds;

constexpr HostId kFirst{0};
constexpr HostId kSecond{1};
constexpr HostId kThird{2};

HostStatus live_status() {
  HostStatus status;
  status.state = HostState::running;
  status.step = ConnectStep::live;
  return status;
}

HostStatus ended_status(int code) {
  HostStatus status = live_status();
  status.state = code == 0 ? HostState::done : HostState::failed;
  status.exit = ExitResult{code, {}};
  return status;
}

// Three hosts web1 … web3; time moves by hand.
class RunStateTest : public testing::Test {
 protected:
  void start(std::optional<std::string> command, bool keep_clipboard = false) {
    std::vector<RunHost> hosts;
    for (const char* name : {"web1", "web2", "web3"}) hosts.push_back({name, "web", false, {name}, name});
    RunOptions options;
    options.name = "web";
    options.command = std::move(command);
    options.keep_clipboard = keep_clipboard;
    state_.emplace(tables_, std::move(hosts), options);
  }
  void all_live() {
    for (const HostId host : {kFirst, kSecond, kThird}) state_->set_status(host, live_status(), now_);
  }
  void print(HostId host, std::string_view text) { state_->feed(host, text, now_); }
  void print_all(const std::string& text) {
    for (const HostId host : {kFirst, kSecond, kThird}) {
      std::string mine = text;
      const std::size_t at = mine.find("HOST");
      if (at != std::string::npos) mine.replace(at, 4, state_->info(host).name);
      print(host, mine);
    }
  }
  void wait(milliseconds time) {
    now_ += time;
    state_->tick(now_);
  }
  HostState shown(HostId host) const { return state_->status(host).state; }
  std::size_t agree() { return state_->comparison().outcome().agree; }
  void type(const std::string& text) {
    for (const char c : text)
      for (const HostId host : {kFirst, kSecond, kThird})
        state_->encode(host, Key::character(static_cast<char32_t>(c)));
  }
  void broadcast_enter(const HostSet& targets) {
    targets.for_each([&](HostId host) { state_->encode(host, Key::special(KeyCode::enter)); });
    state_->begin_round(targets);
  }

  CellTables tables_;
  Clock::time_point now_{std::chrono::hours(1)};
  std::optional<RunState> state_;
};

TEST_F(RunStateTest, AShellIsDoneAtItsPromptAndRunningWhileItPrints) {
  start({});
  all_live();
  print(kFirst, "root@web1:~# ");
  EXPECT_EQ(shown(kFirst), HostState::running);
  wait(milliseconds(300));
  EXPECT_EQ(shown(kFirst), HostState::done);
  print(kFirst, "make\r\ncompiling\r\n");
  EXPECT_EQ(shown(kFirst), HostState::running);
}

TEST_F(RunStateTest, SynchronizedOutputShowsAtItsEndOrWhenItsTimeIsUp) {
  start({});
  all_live();
  print(kFirst, "\x1b[?2026h");
  state_->clear_damaged();
  print(kFirst, "half");
  EXPECT_FALSE(state_->damaged().contains(kFirst));
  print(kFirst, " and half\x1b[?2026l");
  EXPECT_TRUE(state_->damaged().contains(kFirst));
  print(kFirst, "\x1b[?2026h");
  state_->clear_damaged();
  print(kFirst, "forgotten");
  ASSERT_TRUE(state_->next_tick(now_));
  EXPECT_LE(*state_->next_tick(now_), now_ + milliseconds(150));
  wait(milliseconds(149));
  EXPECT_FALSE(state_->damaged().contains(kFirst));
  wait(milliseconds(1));
  EXPECT_TRUE(state_->damaged().contains(kFirst));
}

TEST_F(RunStateTest, AProgramThatAsksIsWaiting) {
  start("sudo true");
  all_live();
  print(kFirst, "[sudo] password for amy: ");
  wait(milliseconds(300));
  EXPECT_EQ(shown(kFirst), HostState::waiting);
  print(kFirst, "\r\n");
  EXPECT_EQ(shown(kFirst), HostState::running);
}

TEST_F(RunStateTest, HostsAgreeButForTheirOwnNames) {
  start({});
  all_live();
  print_all("Welcome to HOST\r\nroot@HOST:~# ");
  wait(milliseconds(300));
  EXPECT_EQ(agree(), 3U);
}

TEST_F(RunStateTest, TheOddOneIsDivergent) {
  start("cat /etc/os");
  all_live();
  for (const HostId host : {kFirst, kThird}) print(host, "bookworm\r\n");
  print(kSecond, "trixie\r\n");
  for (const HostId host : {kFirst, kSecond, kThird}) state_->set_status(host, ended_status(0), now_);
  EXPECT_EQ(agree(), 2U);
  EXPECT_TRUE(state_->comparison().outcome().divergent.contains(kSecond));
}

TEST_F(RunStateTest, AnotherExitStatusIsAnotherVariant) {
  start("check");
  all_live();
  for (const HostId host : {kFirst, kSecond, kThird}) print(host, "same\r\n");
  for (const HostId host : {kFirst, kSecond}) state_->set_status(host, ended_status(0), now_);
  state_->set_status(kThird, ended_status(1), now_);
  EXPECT_EQ(agree(), 2U);
  EXPECT_TRUE(state_->all_ended());
}

TEST_F(RunStateTest, ARoundHoldsWhatCameAfterEnterAndKnowsItsCommand) {
  start({});
  all_live();
  print(kSecond, "an old difference\r\n");
  print_all("root@HOST:~# ");
  wait(milliseconds(300));
  EXPECT_EQ(agree(), 2U);
  type("date -u");
  print_all("date -u");
  broadcast_enter(HostSet::first(3));
  print_all("\r\nMon\r\nroot@HOST:~# ");
  wait(milliseconds(300));
  EXPECT_EQ(agree(), 3U);
  EXPECT_EQ(state_->comparison().round(), 2);
  EXPECT_EQ(state_->round_command(), "date -u");
  EXPECT_EQ(state_->comparison().transcript(kFirst).front(), "Mon");
}

TEST_F(RunStateTest, EchoThatComesAfterEnterIsNoOutput) {
  start({});
  all_live();
  print_all("root@HOST:~# ");
  wait(milliseconds(300));
  type("id");
  broadcast_enter(HostSet::first(3));
  print_all("id\r\nuid=0\r\nroot@HOST:~# ");
  wait(milliseconds(300));
  EXPECT_EQ(state_->comparison().transcript(kThird).front(), "uid=0");
  EXPECT_EQ(agree(), 3U);
}

TEST_F(RunStateTest, WhatIsTypedAtOnePromptDoesNotMakeItDivergent) {
  start({});
  all_live();
  print_all("root@HOST:~# ");
  wait(milliseconds(300));
  for (const char c : std::string("ls"))
    state_->encode(kSecond, Key::character(static_cast<char32_t>(c)));
  print(kSecond, "ls");
  wait(milliseconds(300));
  EXPECT_EQ(agree(), 3U);
}

TEST_F(RunStateTest, AClearedScreenBeginsTheRoundAgain) {
  start({});
  all_live();
  print_all("line 1\r\nline 2\r\nroot@HOST:~# ");
  wait(milliseconds(300));
  print(kFirst, "\x1b[H\x1b[2Jroot@web1:~# ");
  wait(milliseconds(300));
  EXPECT_EQ(state_->comparison().line_count(kFirst), 0U);
}

TEST_F(RunStateTest, HostsThatTheUserLeftStillAgreeAndLostOnesDoNot) {
  start({});
  all_live();
  print_all("root@HOST:~# ");
  wait(milliseconds(300));
  for (const HostId host : {kFirst, kSecond, kThird}) {
    HostStatus status = live_status();
    status.state = HostState::disconnected;
    const bool lost = host == kThird;
    status.error = Error{lost ? ErrorKind::lost : ErrorKind::cancelled, lost ? "reset" : "stopped"};
    state_->set_status(host, status, now_);
  }
  EXPECT_EQ(agree(), 2U);
}

TEST_F(RunStateTest, ARoundOfSomeHostsCountsOnlyThem) {
  start({});
  all_live();
  print_all("root@HOST:~# ");
  state_->begin_round(HostSet::first(2));
  EXPECT_EQ(state_->comparison().outcome().of, 2U);
  state_->begin_round(HostSet::first(3));
  EXPECT_EQ(state_->comparison().outcome().of, 3U);
}

TEST_F(RunStateTest, ARoundOfAllLiveHostsIsTheWholeRuns) {
  start({});
  for (const HostId host : {kFirst, kSecond}) state_->set_status(host, live_status(), now_);
  state_->begin_round(HostSet::first(2));
  EXPECT_EQ(state_->comparison().outcome().of, 3U);
}

TEST_F(RunStateTest, ARestartedHostBeginsAnew) {
  start("flaky");
  all_live();
  for (const HostId host : {kFirst, kSecond}) print(host, "fine\r\n");
  print(kThird, "broken\r\n");
  for (const HostId host : {kFirst, kSecond}) state_->set_status(host, ended_status(0), now_);
  state_->set_status(kThird, ended_status(1), now_);
  EXPECT_EQ(agree(), 2U);
  state_->restart(HostSet::of(kThird));
  state_->set_status(kThird, live_status(), now_);
  print(kThird, "fine\r\n");
  state_->set_status(kThird, ended_status(0), now_);
  EXPECT_EQ(agree(), 3U);
}

TEST_F(RunStateTest, MostHostsInAFullScreenProgramMakeAMajorityScreen) {
  start({});
  all_live();
  EXPECT_EQ(state_->screens(), nullptr);
  for (const HostId host : {kFirst, kSecond, kThird}) print(host, "\x1b[?1049h\x1b[Hstatus ok");
  print(kThird, "\x1b[Hstatus KO");
  const consensus::ScreenConsensus* screens = state_->screens();
  ASSERT_NE(screens, nullptr);
  EXPECT_EQ(screens->agree, 2U);
  EXPECT_EQ(screens->deviation[2], 2U);
  EXPECT_EQ(screens->screen.cursor, (Point{0, 9}));
  EXPECT_TRUE(screens->screen.cursor_visible);
  // A cursor that only moved is followed; hidden on most screens, it is hidden.
  for (const HostId host : {kFirst, kSecond}) print(host, "\x1b[5;3H");
  EXPECT_EQ(state_->screens()->screen.cursor, (Point{4, 2}));
  for (const HostId host : {kFirst, kSecond}) print(host, "\x1b[?25l\x1b[6;3H");
  EXPECT_FALSE(state_->screens()->screen.cursor_visible);
  for (const HostId host : {kFirst, kSecond, kThird}) print(host, "\x1b[?1049l");
  EXPECT_EQ(state_->screens(), nullptr);
}

TEST_F(RunStateTest, TimesAreFromTheFirstConnectingToTheEnd) {
  start("x");
  HostStatus connecting;
  connecting.state = HostState::connecting;
  state_->set_status(kFirst, connecting, now_);
  now_ += milliseconds(1500);
  state_->set_status(kFirst, ended_status(0), now_);
  EXPECT_DOUBLE_EQ(state_->seconds(kFirst, now_ + milliseconds(9000)), 1.5);
  EXPECT_DOUBLE_EQ(state_->seconds(kSecond, now_), 0);
}

// A round is over when its last host is at its prompt again; what is typed into one later is not it.
TEST_F(RunStateTest, ARoundTakesUntilItsLastHostIsAtRest) {
  using std::chrono::seconds;
  const WallTime noon{std::chrono::hours(12)};
  const auto print_at = [&](HostId host, std::string_view text, WallTime at) {
    state_->feed(host, text, now_, at);
  };
  start({});
  all_live();
  print_all("root@HOST:~# ");
  wait(milliseconds(300));
  state_->begin_round(HostSet::first(3), noon);
  for (const HostId host : {kFirst, kSecond}) print_at(host, "\r\nweb$ ", noon + seconds(1));
  wait(milliseconds(300));
  EXPECT_FALSE(state_->round_times().ended);
  print_at(kThird, "\r\nweb$ ", noon + milliseconds(2100));
  wait(milliseconds(300));
  EXPECT_EQ(state_->round_times().duration(), milliseconds(2100));
  print_at(kFirst, "typed later", noon + seconds(60));
  EXPECT_EQ(state_->round_times().duration(), milliseconds(2100));
  state_->begin_round(HostSet::first(3), noon + seconds(90));
  EXPECT_EQ(state_->comparison().history().back().times.duration(), milliseconds(2100));
  EXPECT_FALSE(state_->round_times().ended);
}

// The echo of typed text makes no shell run, and Enter comes before anything is quiet.
TEST_F(RunStateTest, TheNextCommandTypedAtOnceDoesNotSpoilTheRoundBefore) {
  start({});
  all_live();
  print_all("Welcome to HOST\r\nroot@HOST:~# ");
  wait(milliseconds(300));
  type("date");
  print_all("date");
  EXPECT_EQ(shown(kFirst), HostState::done);
  EXPECT_EQ(agree(), 3U);
  broadcast_enter(HostSet::first(3));
  print_all("\r\nMon\r\nroot@HOST:~# ");
  type("id");
  print_all("id");
  broadcast_enter(HostSet::first(3));
  const consensus::RoundRecord& round = state_->comparison().history().back();
  EXPECT_EQ(round.command, "date");
  EXPECT_EQ(round.outcome.agree, 3U);
  EXPECT_TRUE(round.outcome.behind.empty());
  EXPECT_THAT(round.text.lines(kThird), testing::ElementsAre("Mon", "root@web3:~#"));
}

// The files tell how hosts fare only after what they printed.
TEST_F(RunStateTest, AWatchedRunHasTheSameRounds) {
  start({});
  print_all("root@HOST:~# date");
  state_->begin_round(HostSet::first(3));
  print_all("\r\nMon\r\nroot@HOST:~# id");
  state_->begin_round(HostSet::first(3));
  const consensus::RoundRecord& round = state_->comparison().history().back();
  EXPECT_EQ(round.outcome.agree, 3U);
  EXPECT_THAT(round.text.lines(kThird), testing::ElementsAre("Mon", "root@web3:~#"));
}

TEST_F(RunStateTest, TypingAtAPasswordPromptIsNotAShellsPrompt) {
  start({});
  all_live();
  print(kFirst, "[sudo] password for amy: ");
  state_->encode(kFirst, Key::character(U'x'));
  wait(milliseconds(300));
  EXPECT_EQ(shown(kFirst), HostState::waiting);
}

// A host that is busy when the others go on: what it prints of its earlier command is no part of the
// round, which begins for it where its shell shows the new command.
TEST_F(RunStateTest, ALateHostJoinsTheRoundWhereItReadsTheCommand) {
  start({});
  all_live();
  print_all("root@HOST:~# slow");
  broadcast_enter(HostSet::first(3));
  for (const HostId host : {kFirst, kThird}) print(host, "\r\ndone\r\nroot@web:~# ");
  print(kSecond, "\r\n");
  wait(milliseconds(300));
  type("id");
  print_all("id");
  broadcast_enter(HostSet::first(3));
  for (const HostId host : {kFirst, kThird}) print(host, "\r\nuid=0\r\nroot@web:~# ");
  wait(milliseconds(300));
  EXPECT_TRUE(state_->comparison().outcome().behind.contains(kSecond));
  EXPECT_FALSE(state_->round_times().ended);
  print(kSecond, "\r\ndone\r\n");
  wait(milliseconds(300));
  EXPECT_TRUE(state_->comparison().outcome().behind.contains(kSecond));
  print(kSecond, "root@web:~# id\r\nuid=0\r\nroot@web:~# ");
  wait(milliseconds(300));
  EXPECT_EQ(agree(), 3U);
  EXPECT_THAT(state_->comparison().transcript(kSecond), testing::ElementsAre("uid=0", "root@web:~#"));
}

// sh does not show again what was typed ahead: taken from its last prompt on, once it is at rest.
TEST_F(RunStateTest, ALateHostWhoseShellDoesNotShowTheCommandIsNotLeftOut) {
  start({});
  all_live();
  print_all("$ slow");
  broadcast_enter(HostSet::first(3));
  print(kSecond, "\r\n");
  for (const HostId host : {kFirst, kThird}) print(host, "\r\n$ ");
  type("id");
  for (const HostId host : {kFirst, kThird}) print(host, "id");
  broadcast_enter(HostSet::first(3));
  for (const HostId host : {kFirst, kThird}) print(host, "\r\nuid=0\r\n$ ");
  print(kSecond, "done\r\n$ uid=0\r\n$ ");
  wait(milliseconds(300));
  EXPECT_TRUE(state_->comparison().outcome().behind.empty());
  EXPECT_THAT(state_->comparison().transcript(kSecond), testing::ElementsAre("$ uid=0", "$"));
}

TEST_F(RunStateTest, AShellsMarksTellTheStatusOfTheRoundsCommand) {
  start({});
  all_live();
  print_all("\x1b]133;D;1\a\x1b]133;A\aroot@HOST:~# \x1b]133;B\a");
  wait(milliseconds(300));
  state_->begin_round(HostSet::first(3));
  print_all("\x1b]133;C\a\r\nsame\r\n");
  for (const HostId host : {kFirst, kSecond}) print(host, "\x1b]133;D;0\a\x1b]133;A\aweb$ ");
  print(kThird, "\x1b]133;D;7\a\x1b]133;A\aweb$ ");
  wait(milliseconds(300));
  const consensus::Outcome& outcome = state_->comparison().outcome();
  EXPECT_EQ(outcome.agree, 2U);
  ASSERT_EQ(outcome.variants.size(), 2U);
  EXPECT_EQ(outcome.variants[1].exit->status, 7);
  // The next round knows nothing of it.
  state_->begin_round(HostSet::first(3));
  print_all("\r\nquiet$ ");
  wait(milliseconds(300));
  EXPECT_EQ(state_->comparison().outcome().agree, 3U);
}

TEST_F(RunStateTest, RepliesComeBackFromFeed) {
  start({});
  all_live();
  EXPECT_EQ(state_->feed(kFirst, "\x1b[6n", now_), "\x1b[1;1R");
}

TEST_F(RunStateTest, EachHostsLastWishForTheClipboardIsTold) {
  start({}, true);
  all_live();
  print(kFirst, "\x1b]52;c;b25l\a");
  print(kSecond, "\x1b]52;c;dHdv\a");
  print(kFirst, "\x1b]52;c;dGhyZWU=\a");
  std::map<std::uint32_t, std::string> told;
  for (const RunState::Clipboard& one : state_->take_clipboards()) told[one.host.value] += one.base64;
  EXPECT_EQ(told, (std::map<std::uint32_t, std::string>{{0, "dGhyZWU="}, {1, "dHdv"}}));
  EXPECT_TRUE(state_->take_clipboards().empty());
}

TEST_F(RunStateTest, WishesForTheClipboardAreForgottenUnlessAskedFor) {
  start({});
  all_live();
  print(kFirst, "\x1b]52;c;b25l\a");
  EXPECT_TRUE(state_->take_clipboards().empty());
}

TEST_F(RunStateTest, ARestartedHostPrintsBelowWhatItPrintedBefore) {
  start("status");
  all_live();
  for (const char* full_screen : {"", "\x1b[?1049hfull", "\x1b[5;9H\x1b" "7\x1b[9;1H"}) {
    print(kFirst, std::string("a line that is longer\r\nanother of them\r\n") + full_screen);
    state_->restart(HostSet::of(kFirst));
    print(kFirst, "new\r\n");
    EXPECT_EQ(state_->comparison().transcript(kFirst), std::vector<std::string>{"new"}) << full_screen;
  }
}

TEST_F(RunStateTest, ANameThatTwoPromptsSayIsMasked) {
  start(std::nullopt);
  all_live();
  const char* names[] = {"db-prod-7", "db-prod-8", "db-prod-9"};
  const auto prompt = [&](const std::string& before) {
    for (std::uint32_t i = 0; i < 3; ++i)
      print(HostId{i}, before + "root@" + names[i] + ":~# ");
    now_ += ShellWatch::kQuiet + std::chrono::milliseconds(1);
    state_->tick(now_);
  };
  prompt("");
  EXPECT_EQ(state_->comparison().outcome().variants.size(), 3U) << "one line is not enough";
  prompt("\r\n");
  EXPECT_EQ(state_->comparison().outcome().agree, 3U);
}

TEST_F(RunStateTest, ARoundWithoutLeftOutHostsIsTheWholeRuns) {
  start(std::nullopt);
  all_live();
  state_->set_excluded(HostSet::of(kSecond));
  EXPECT_EQ(state_->comparison().outcome().of, 2U);
  state_->begin_round(HostSet().add(kFirst).add(kThird));
  EXPECT_EQ(state_->comparison().outcome().of, 2U);
  state_->set_excluded({});
  EXPECT_EQ(state_->comparison().outcome().of, 2U) << "it was not asked in this round";
  state_->begin_round(HostSet::first(3));
  EXPECT_EQ(state_->comparison().outcome().of, 3U);
}

}  // namespace
}  // namespace bdsh::app
