#include "app/live_runs.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bdsh::app {
namespace {

namespace fs = std::filesystem;

// A state directory of its own for each test.
class LiveRunsTest : public testing::Test {
 protected:
  LiveRunsTest() {
    char name[] = "/tmp/bdsh-live-XXXXXX";
    home_ = mkdtemp(name);
    setenv("XDG_STATE_HOME", home_.c_str(), 1);
    unsetenv("XDG_RUNTIME_DIR");
  }
  ~LiveRunsTest() override {
    unsetenv("XDG_STATE_HOME");
    fs::remove_all(home_);
  }
  fs::path live() const { return home_ / "bdsh" / "live"; }
  fs::path home_;
};

TEST_F(LiveRunsTest, AServedRunIsFoundUntilItIsNot) {
  {
    const auto name = LiveName::make(home_ / "runs" / "1-web");
    ASSERT_TRUE(name);
    const auto runs = live_runs();
    ASSERT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs[0].pid, getpid());
    EXPECT_EQ(runs[0].name(), "1-web");
    EXPECT_EQ(runs[0].directory, home_ / "runs" / "1-web");
    EXPECT_TRUE(connect_to(runs[0]));
  }
  EXPECT_TRUE(live_runs().empty());
  EXPECT_TRUE(fs::is_empty(live()));
}

TEST_F(LiveRunsTest, OnlyTheUserGetsIn) {
  const auto name = LiveName::make("/tmp/x");
  ASSERT_TRUE(name);
  EXPECT_EQ(fs::status(live()).permissions(), fs::perms::owner_all);
  const auto socket = live() / (std::to_string(getpid()) + ".sock");
  EXPECT_EQ(fs::status(socket).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(LiveRunsTest, ADirectoryOpenToOthersIsNotUsed) {
  fs::create_directories(live());
  fs::permissions(live(), fs::perms::owner_all | fs::perms::others_exec);
  EXPECT_FALSE(LiveName::make("/tmp/x"));
  EXPECT_TRUE(live_runs().empty());
}

TEST_F(LiveRunsTest, ALinkToADirectoryIsNotUsed) {
  fs::create_directories(home_ / "elsewhere");
  fs::permissions(home_ / "elsewhere", fs::perms::owner_all);
  fs::create_directories(live().parent_path());
  fs::create_directory_symlink(home_ / "elsewhere", live());
  EXPECT_FALSE(LiveName::make("/tmp/x"));
}

TEST_F(LiveRunsTest, TheRuntimeDirectoryStandsIn) {
  setenv("XDG_RUNTIME_DIR", (home_ / "runtime").c_str(), 1);
  std::ofstream(home_ / "bdsh") << "no directory";
  const auto name = LiveName::make("/tmp/x");
  ASSERT_TRUE(name) << name.error().message;
  EXPECT_EQ(live_runs().size(), 1U);
  EXPECT_TRUE(fs::exists(home_ / "runtime" / "bdsh" / "live"));
}

TEST_F(LiveRunsTest, AStateDirectoryWithALongNameWillDo) {
  const fs::path deep = home_ / std::string(120, 'd');
  setenv("XDG_STATE_HOME", deep.c_str(), 1);
  const auto name = LiveName::make("/tmp/x");
  ASSERT_TRUE(name) << name.error().message;
  ASSERT_EQ(live_runs().size(), 1U);
  EXPECT_TRUE(connect_to(live_runs()[0]));
}

TEST_F(LiveRunsTest, NamesOfADeadProgramAreRemoved) {
  { const auto name = LiveName::make("/tmp/x"); }
  // As a killed program leaves them: bound, nobody listens.
  const auto name = LiveName::make("/tmp/x");
  ASSERT_TRUE(name);
  fs::rename(live() / (std::to_string(getpid()) + ".sock"), live() / "1.sock");
  fs::rename(live() / (std::to_string(getpid()) + ".run"), live() / "1.run");
  ASSERT_EQ(live_runs().size(), 1U);
  shutdown(name->socket(), SHUT_RDWR);
  EXPECT_TRUE(live_runs().empty());
  EXPECT_TRUE(fs::is_empty(live()));
}

LiveRun run(const char* name, pid_t pid) {
  return {pid, "/s", std::string("/runs/") + name};
}

TEST(ChooseLiveRun, ByWhateverNamesExactlyOne) {
  const std::vector<LiveRun> runs{run("20260101-web", 11), run("20260102-db", 12),
                                  run("20260102-web", 13)};
  EXPECT_EQ(choose_live_run(runs, "20260101-web")->pid, 11);
  EXPECT_EQ(choose_live_run(runs, "12")->pid, 12);
  EXPECT_EQ(choose_live_run(runs, "db")->pid, 12);
  EXPECT_EQ(choose_live_run(runs, "20260101")->pid, 11);
  const auto several = choose_live_run(runs, "web");
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().message, "'web' means several runs: 20260101-web, 20260102-web");
  EXPECT_EQ(choose_live_run(runs, "mail").error().message,
            "no live run is called 'mail': 20260101-web, 20260102-db, 20260102-web");
  EXPECT_EQ(choose_live_run(runs, "").error().message,
            "which run?: 20260101-web, 20260102-db, 20260102-web");
}

TEST(ChooseLiveRun, AnExactNameWinsOverItsBeginning) {
  const std::vector<LiveRun> runs{run("web", 11), run("web-2", 12)};
  EXPECT_EQ(choose_live_run(runs, "web")->pid, 11);
  EXPECT_EQ(choose_live_run(runs, "web-")->pid, 12);
}

TEST(ChooseLiveRun, TheOnlyOneNeedsNoName) {
  EXPECT_EQ(choose_live_run({run("web", 11)}, "")->pid, 11);
  EXPECT_EQ(choose_live_run({}, "").error().message, "no run is live");
}

}  // namespace
}  // namespace bdsh::app
