#include "app/executor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "fake_source.hpp"

namespace bdsh::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ExecutorTest : public testing::Test {
 protected:
  ExecutorTest() {
    for (std::uint32_t i = 0; i < 3; ++i) {
      HostStatus live;
      live.state = HostState::running;
      live.step = ConnectStep::live;
      state_.set_status(HostId{i}, live, Clock::time_point());
    }
  }
  static std::vector<RunHost> hosts() {
    return {{"web1", "web", false, {}, "web1"},
            {"web2", "web", false, {}, "root@web2:2222"},
            {"web3", "web", false, {}, "web3"}};
  }
  Program program() {
    return {[this] { did_.push_back("quit"); }, [this] { did_.push_back("suspend"); },
            [this] { did_.push_back("detach"); },
            [this] { did_.push_back("redraw"); },
            [this](const tui::Copy& copied) { did_.push_back("copy " + copied.text); },
            [this](bool on) { did_.push_back(on ? "mouse on" : "mouse off"); },
            [this](std::string text) { did_.push_back("notify " + text); },
            [this](const tui::Transfer& wanted) {
              did_.push_back((wanted.upload ? "upload " : "download ") + wanted.words);
            },
            [this] { did_.push_back("stop transfer"); }};
  }
  void print(std::uint32_t host, std::string_view text) {
    state_.feed(HostId{host}, text, Clock::time_point());
  }
  void fail(std::uint32_t host) {
    HostStatus status;
    status.state = HostState::failed;
    status.error = Error{ErrorKind::connect, "refused"};
    state_.set_status(HostId{host}, status, Clock::time_point());
  }

  CellTables tables_;
  RunState state_{tables_, hosts(), RunOptions{}};
  FakeSource source_;
  std::vector<std::string> did_;
  Executor executor_{state_, source_, program()};
};

TEST_F(ExecutorTest, SendsAKeyToItsTargetsAndToNobodyElse) {
  executor_.execute(tui::SendKey{HostSet::of(HostId{1}), Key::character(U'x'), false});
  EXPECT_THAT(source_.calls, ElementsAre("write web2 x"));
}

TEST_F(ExecutorTest, APasteIsEncodedForEachHostsOwnModes) {
  print(0, "\x1b[?2004h");
  Key paste;
  paste.code = KeyCode::paste;
  paste.text = "ls\n";
  executor_.execute(tui::SendKey{HostSet::first(2), paste, true});
  EXPECT_THAT(source_.calls, ElementsAre("write web1 \x1b[200~ls\n\x1b[201~", "write web2 ls\r"));
  EXPECT_FALSE(executor_.pasting());
}

TEST_F(ExecutorTest, EncodesACursorKeyForEachHostsOwnModes) {
  print(0, "\x1b[?1h");  // application cursor keys, as vim sets them
  executor_.execute(tui::SendKey{HostSet::first(2), Key::special(KeyCode::up), true});
  EXPECT_THAT(source_.calls, ElementsAre("write web1 \x1bOA", "write web2 \x1b[A"));
}

TEST_F(ExecutorTest, WrapsAPasteOnlyWhereTheProgramAskedForIt) {
  print(2, "\x1b[?2004h");
  Key paste;
  paste.code = KeyCode::paste;
  paste.text = "a\x1b[201~b";
  executor_.execute(tui::SendKey{HostSet().add(HostId{0}).add(HostId{2}), paste, true});
  ASSERT_EQ(source_.calls.size(), 2U);
  EXPECT_EQ(source_.calls[1], "write web3 \x1b[200~ab\x1b[201~");
  EXPECT_THAT(source_.calls[0], testing::Not(HasSubstr("200~")));
}

TEST_F(ExecutorTest, BroadcastEnterBeginsARoundAndEnterToOneHostDoesNot) {
  executor_.execute(tui::SendKey{HostSet::of(HostId{0}), Key::special(KeyCode::enter), false});
  EXPECT_EQ(state_.comparison().round(), 1);
  source_.calls.clear();
  executor_.execute(tui::SendKey{HostSet::first(2), Key::special(KeyCode::enter), true});
  EXPECT_EQ(state_.comparison().round(), 2);
  EXPECT_THAT(source_.calls, ElementsAre("round 2 of 2", "write web1 \r", "write web2 \r"));
}

TEST_F(ExecutorTest, EnterInFullScreenProgramsBeginsNoRound) {
  for (std::uint32_t i = 0; i < 3; ++i) print(i, "\x1b[?1049h");
  executor_.execute(tui::SendKey{HostSet::first(3), Key::special(KeyCode::enter), true});
  EXPECT_EQ(state_.comparison().round(), 1);
}

TEST_F(ExecutorTest, SaysWhoDidNotTakeTheInput) {
  source_.refuses = HostSet().add(HostId{1}).add(HostId{2});
  executor_.execute(tui::SendKey{HostSet::first(3), Key::character(U'x'), true});
  EXPECT_THAT(source_.calls, ElementsAre("write web1 x"));
  EXPECT_THAT(did_, ElementsAre("notify input not taken by web2 and 1 more: not connected, or not reading"));
}

TEST_F(ExecutorTest, InterruptsItsTargets) {
  executor_.execute(tui::Interrupt{HostSet::first(2)});
  EXPECT_THAT(source_.calls, ElementsAre("interrupt web1", "interrupt web2"));
}

TEST_F(ExecutorTest, ReconnectsOnlyWhatHasEnded) {
  fail(1);
  executor_.execute(tui::Reconnect{HostSet::first(3)});
  EXPECT_THAT(source_.calls, ElementsAre("restart web2"));
  source_.calls.clear();
  executor_.execute(tui::Reconnect{HostSet::of(HostId{0})});
  EXPECT_THAT(source_.calls, IsEmpty());
  EXPECT_THAT(did_, ElementsAre(HasSubstr("still live")));
}

TEST_F(ExecutorTest, RerunNeedsACommand) {
  fail(1);
  executor_.execute(tui::Rerun{HostSet::of(HostId{1})});
  EXPECT_THAT(source_.calls, IsEmpty());
  EXPECT_THAT(did_, ElementsAre(HasSubstr("shells")));
}

TEST_F(ExecutorTest, NothingStartsOnAWatchedRun) {
  source_.is_watching = true;
  fail(0);
  executor_.execute(tui::Reconnect{HostSet::of(HostId{0})});
  executor_.execute(tui::SetKeep{true});
  EXPECT_THAT(source_.calls, IsEmpty());
  EXPECT_EQ(did_.size(), 2U);
}

TEST_F(ExecutorTest, AnswersEveryHostThatWasAnsweredFor) {
  executor_.execute(tui::Answer{HostSet::first(2), Secret("yes"), true});
  executor_.execute(tui::Answer{HostSet::of(HostId{2}), std::nullopt});
  EXPECT_THAT(source_.calls, ElementsAre("answer web1 web2: yes and later", "answer web3: -"));
}

TEST_F(ExecutorTest, GivesHostsASizeAndTheUniformSizeBack) {
  executor_.execute(tui::ResizeHosts{Size{Rows{10}, Cols{40}}, HostSet::of(HostId{1})});
  EXPECT_EQ(state_.terminal(HostId{1}).size(), (Size{Rows{10}, Cols{40}}));
  executor_.execute(tui::ResizeHosts{std::nullopt, HostSet::of(HostId{1})});
  EXPECT_EQ(state_.terminal(HostId{1}).size(), state_.options().size);
  EXPECT_THAT(source_.calls, ElementsAre("resize web2 10x40", "resize web2 24x80"));
}

TEST_F(ExecutorTest, SavesHostsAsTheyAreNamedToDashH) {
  char folder[] = "/tmp/bdsh-executor-XXXXXX";
  ASSERT_NE(mkdtemp(folder), nullptr);
  const std::string path = std::string(folder) + "/list";
  executor_.execute(tui::SaveHosts{HostSet::first(2), path});
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), "web1\nroot@web2:2222\n");
  executor_.execute(tui::SaveHosts{HostSet::first(1), path});
  std::ofstream(path) << "not: [a list\n";
  executor_.execute(tui::SaveHosts{HostSet::first(1), path});
  EXPECT_THAT(did_, ElementsAre("notify 2 hosts saved: -H @" + path, "notify 1 host saved: -H @" + path,
                                HasSubstr("is no list of hosts")));
  std::filesystem::remove_all(folder);
}

TEST_F(ExecutorTest, LeavesHostsOutAndChoosesTheReference) {
  executor_.execute(tui::Exclude{HostSet::of(HostId{1})});
  EXPECT_EQ(state_.excluded(), HostSet::of(HostId{1}));
  EXPECT_EQ(state_.comparison().outcome().of, 2U);
  executor_.execute(tui::SetReference{HostId{2}});
  EXPECT_EQ(state_.comparison().pinned_reference(), HostId{2});
  executor_.execute(tui::SetReference{std::nullopt});
  EXPECT_EQ(state_.comparison().pinned_reference(), std::nullopt);
}

TEST_F(ExecutorTest, HandsTheProgramsOwnCommandsOn) {
  executor_.execute(tui::Quit{});
  executor_.execute(tui::Suspend{});
  executor_.execute(tui::Redraw{});
  executor_.execute(tui::Copy{tui::Copy::To::clipboard, "text"});
  executor_.execute(tui::SetMouse{false});
  executor_.execute(tui::SetKeep{true});
  EXPECT_THAT(did_, ElementsAre("quit", "suspend", "redraw", "copy text", "mouse off"));
  EXPECT_TRUE(source_.kept);
}

TEST_F(ExecutorTest, TransfersAreTheProgramsBusiness) {
  Executor executor(state_, source_, program());
  executor.execute(tui::Transfer{true, HostSet::first(2), "-r a b"});
  executor.execute(tui::Transfer{false, HostSet::first(2), "c d"});
  executor.execute(tui::StopTransfer{});
  EXPECT_EQ(did_, (std::vector<std::string>{"upload -r a b", "download c d", "stop transfer"}));
}

}  // namespace
}  // namespace bdsh::app
