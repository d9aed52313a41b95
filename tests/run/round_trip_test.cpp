// What the writer puts on disk, the reader gives back.
#include <gmock/gmock.h>

#include <fstream>
#include <thread>

#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

using testing::ElementsAre;

constexpr HostId kWeb01{0};
constexpr HostId kWeb02{1};

TEST(RoundTrip, BytesStatusesEventsAndSizesComeBackInOrder) {
  const Temporary temporary;
  auto writer = start(some_run({"web01", "web02"}), temporary / "run");
  writer->set_status(kWeb01, running(), after_ms(100));
  writer->append(kWeb01, "one\r\n", after_ms(250));
  writer->append(kWeb02, std::string("\0\x1b[31m\xff", 7), after_ms(300));
  writer->resized(Size{Rows{40}, Cols{120}}, after_ms(400));
  writer->append(kWeb01, "two\r\n", after_ms(1250));
  writer->set_status(kWeb01, exited(3), after_ms(1300));
  writer->event("the run starts", after_ms(0));
  writer->event(kWeb01, "exit 3\x1b[2J", after_ms(1300));
  writer->close(after_ms(2000));
  EXPECT_FALSE(writer->take_error().has_value());

  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  const Seen seen = read_all(**reader);
  EXPECT_EQ(seen.bytes.at(0), "one\r\ntwo\r\n");
  EXPECT_EQ(seen.bytes.at(1), std::string("\0\x1b[31m\xff", 7));
  EXPECT_THAT(seen.story.at(0),
              ElementsAre("bytes 5 @250000", "size 40x120", "bytes 5 @1250000", "failed"));
  EXPECT_THAT(seen.story.at(1), ElementsAre("bytes 7 @300000", "failed"));
  EXPECT_EQ(seen.status.at(0), exited(3));
  EXPECT_EQ(seen.status.at(1).error->message, "the run ended before this host was started");
  EXPECT_THAT(seen.events, ElementsAre("the run starts", "web01: exit 3\xEF\xBF\xBD[2J"));
  EXPECT_THAT((*reader)->warnings(), ElementsAre());
}

TEST(RoundTrip, TheDescriptionComesBack) {
  const Temporary temporary;
  RunDescription what = some_run({"web01", "we\"ird: {name}"});
  what.command = "echo 'a: b' \"c\" \\ # d";
  what.size = Size{Rows{50}, Cols{200}};
  what.pty = false;
  what.hosts[1].port = 2222;
  start(what, temporary / "run")->close(after_ms(1));

  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  const RunDescription& read = (*reader)->description();
  EXPECT_EQ(read.command, what.command);
  EXPECT_EQ(read.size, what.size);
  EXPECT_FALSE(read.pty);
  EXPECT_EQ(read.started, what.started);
  EXPECT_EQ(read.arguments, what.arguments);
  ASSERT_EQ(read.hosts.size(), 2U);
  EXPECT_EQ(read.hosts[1].name, "we\"ird: {name}");
  EXPECT_EQ(read.hosts[1].port, 2222);
  EXPECT_EQ(read.hosts[0].user, "root");
}

TEST(RoundTrip, AViewerFollowsALiveRun) {
  const Temporary temporary;
  auto writer = start(some_run({"web01"}), temporary / "run");
  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  Seen seen;
  const auto poll_until = [&](auto condition) {
    for (int tries = 0; tries < 5000 && !condition(); ++tries) {
      seen.take((*reader)->poll());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return condition();
  };
  writer->append(kWeb01, "hello", after_ms(10));
  EXPECT_TRUE(poll_until([&] { return seen.bytes[0] == "hello"; }));
  EXPECT_FALSE((*reader)->finished());
  writer->set_status(kWeb01, running(), after_ms(20));
  EXPECT_TRUE(poll_until([&] { return seen.status[0] == running(); }));
  EXPECT_TRUE(writer->set_keep(true).ok());
  EXPECT_TRUE(poll_until([&] { return (*reader)->keep(); }));
  writer->append(kWeb01, " again", after_ms(30));
  writer->set_status(kWeb01, exited(0), after_ms(40));
  EXPECT_TRUE(poll_until([&] { return seen.status[0] == exited(0); }));
  EXPECT_EQ(seen.bytes[0], "hello again");
  writer->close(after_ms(50));
  EXPECT_TRUE(poll_until([&] { return (*reader)->finished(); }));
  EXPECT_THAT(seen.events, ElementsAre("keep"));
  EXPECT_THAT((*reader)->warnings(), ElementsAre());
}

TEST(RoundTrip, ARunDeletedAtItsExitIsReportedAsEnded) {
  const Temporary temporary;
  auto writer = start(some_run({"web01"}), temporary / "run");
  writer->set_status(kWeb01, running(), after_ms(20));
  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  (*reader)->poll();
  writer->close(after_ms(50));
  ASSERT_TRUE(writer->remove_unless_kept().ok());
  EXPECT_FALSE(std::filesystem::exists(temporary / "run"));
  const Seen seen = read_all(**reader);
  EXPECT_TRUE(seen.status.at(0).ended());
  EXPECT_THAT((*reader)->warnings(), ElementsAre("the run directory was deleted"));
}

TEST(RoundTrip, SmallPollsOfManyHostsLoseNothing) {
  const Temporary temporary;
  std::vector<std::string> names;
  for (int i = 0; i < 150; ++i) names.push_back("h" + std::to_string(i));
  auto writer = start(some_run(names), temporary / "run");
  std::vector<std::string> expected(names.size());
  for (int round = 0; round < 20; ++round)
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      const std::string text = names[i] + " says " + std::to_string(round * 7919 % 1000) + "\n";
      writer->append(HostId{i}, text, after_ms(round * 10));
      expected[i] += text;
    }
  writer->close(after_ms(1000));
  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  const Seen seen = read_all(**reader, 100);
  for (std::uint32_t i = 0; i < names.size(); ++i) EXPECT_EQ(seen.bytes.at(i), expected[i]);
}

}  // namespace
}  // namespace bdsh::run
