#include "app/event_feed.hpp"

#include <gtest/gtest.h>

namespace bdsh::app {
namespace {

using Lines = std::vector<std::string>;

class EventFeedTest : public testing::Test {
 protected:
  static std::vector<RunHost> hosts() {
    return {{"web1", "", false, {}, "web1"}, {"web2", "", false, {}, "web2"}};
  }
  static RunOptions options() {
    RunOptions options;
    options.command = "uptime";
    return options;
  }
  void set(std::uint32_t host, HostState state, std::optional<int> exit = {}) {
    HostStatus status;
    status.state = state;
    status.step = ConnectStep::live;
    if (exit) status.exit = ExitResult{*exit, {}};
    state_.set_status(HostId{host}, status, Clock::time_point());
  }

  CellTables tables_;
  RunState state_{tables_, hosts(), options()};
  EventLog log_;
  EventFeed feed_{state_, log_};
};

TEST_F(EventFeedTest, BeginsWithHowThingsStand) {
  EXPECT_EQ(feed_.news(), (Lines{R"({"event":"round","number":1,"command":"uptime"})",
                                 R"({"event":"host","name":"web1","state":"queued"})",
                                 R"({"event":"host","name":"web2","state":"queued"})",
                                 R"({"event":"agreement","agree":0,"of":2})"}));
  EXPECT_EQ(feed_.news(), Lines());
}

TEST_F(EventFeedTest, ThenTellsWhatChanged) {
  feed_.news();
  set(1, HostState::failed, 3);
  const Lines news = feed_.news();
  ASSERT_FALSE(news.empty());
  EXPECT_EQ(news[0], R"({"event":"host","name":"web2","state":"failed","exit_status":3})");
}

TEST_F(EventFeedTest, WhatChangedTwiceIsToldOnce) {
  feed_.news();
  set(0, HostState::running);
  set(0, HostState::failed, 1);
  std::size_t told = 0;
  for (const std::string& line : feed_.news())
    told += line.find("\"host\"") != std::string::npos ? 1 : 0;
  EXPECT_EQ(told, 1U);
}

TEST_F(EventFeedTest, LinesOfTheLogAreToldFromThenOn) {
  log_.add({}, "web1", "before anybody listened");
  (void)feed_.news();
  log_.add({}, "web1", "exit 3");
  log_.add({}, "", "logs: No space left on device");
  const std::vector<std::string> lines = feed_.news();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find(R"("name":"web1","text":"exit 3")"), std::string::npos) << lines[0];
  EXPECT_EQ(lines[1].find("name"), std::string::npos) << lines[1];
  EXPECT_TRUE(feed_.news().empty());
}

TEST_F(EventFeedTest, AQuestionHasItsWords) {
  feed_.news();
  HostStatus status;
  status.state = HostState::waiting;
  status.asking = Prompt{Prompt::Kind::challenge, "root", "code", "Your \"token\"", false, false};
  state_.set_status(HostId{0}, status, Clock::time_point());
  const Lines news = feed_.news();
  ASSERT_GE(news.size(), 2U);
  EXPECT_EQ(news[1], R"({"event":"question","name":"web1","question":{"kind":"challenge",)"
                     R"("subject":"root","text":"code","says":"Your \"token\""}})");
}

}  // namespace
}  // namespace bdsh::app
