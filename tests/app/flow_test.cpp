// The parts that need a loop: frame pacing, fanned-out input, the user's terminal.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "app/frame_scheduler.hpp"
#include "app/stdin_fan.hpp"
#include "fake_source.hpp"

namespace bdsh::app {
namespace {

using std::chrono::milliseconds;

TEST(FrameScheduler, DrawsOnceForManyMarks) {
  boost::asio::io_context loop;
  int frames = 0;
  FrameScheduler scheduler(loop, [&] {
    ++frames;
    return Frame::sent;
  });
  for (int i = 0; i < 1000; ++i) scheduler.mark();
  loop.run();
  EXPECT_EQ(frames, 1);
}

TEST(FrameScheduler, DrawsNothingWhenNothingIsMarked) {
  boost::asio::io_context loop;
  FrameScheduler scheduler(loop, [] {
    ADD_FAILURE() << "drew a frame nobody asked for";
    return Frame::sent;
  });
  scheduler.terminal_ready();
  EXPECT_EQ(loop.run(), 0U);
}

TEST(FrameScheduler, KeepsItsPace) {
  boost::asio::io_context loop;
  int frames = 0;
  FrameScheduler* handle = nullptr;
  FrameScheduler scheduler(loop, [&] {
    if (++frames < 5) handle->mark();
    return Frame::sent;
  });
  handle = &scheduler;
  const auto start = std::chrono::steady_clock::now();
  scheduler.mark();
  loop.run();
  EXPECT_EQ(frames, 5);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 4 * FramePace::kInterval);
}

TEST(FrameScheduler, AFrameThatChangedNothingHardlyDelaysTheNext) {
  boost::asio::io_context loop;
  int frames = 0;
  FrameScheduler* handle = nullptr;
  FrameScheduler scheduler(loop, [&] {
    if (++frames < 20) handle->mark();
    return Frame::unchanged;
  });
  handle = &scheduler;
  const auto start = std::chrono::steady_clock::now();
  scheduler.mark();
  loop.run();
  EXPECT_EQ(frames, 20);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 10 * FramePace::kUnchanged);
}

TEST(FrameScheduler, WaitsForAStalledTerminal) {
  boost::asio::io_context loop;
  int offers = 0;
  FrameScheduler scheduler(loop, [&] { return ++offers > 1 ? Frame::sent : Frame::refused; });
  scheduler.mark();
  loop.run();
  EXPECT_EQ(offers, 1) << "must not try again before the terminal is ready";
  loop.restart();
  scheduler.terminal_ready();
  loop.run();
  EXPECT_EQ(offers, 2);
}

class StdinFanTest : public testing::Test {
 protected:
  int input(const std::string& text) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(ends[1]);
    return ends[0];
  }
  std::string written_to(const std::string& host) const {
    std::string all;
    const std::string prefix = "write " + host + " ";
    for (const std::string& call : source_.calls)
      if (call.starts_with(prefix)) all += call.substr(prefix.size());
    return all;
  }
  void run(StdinFan& fan, std::initializer_list<std::uint32_t> hosts) {
    for (const std::uint32_t host : hosts) fan.host_live(HostId{host});
    loop_.restart();
    loop_.run();
  }
  boost::asio::io_context loop_;
  FakeSource source_;
};

TEST_F(StdinFanTest, GivesEveryHostTheWholeInputThenItsEnd) {
  const int pipe = input("line 1\nline 2\n");
  auto fan = StdinFan::open(loop_, pipe, 2, source_);
  ASSERT_TRUE(fan.ok());
  run(**fan, {0, 1});
  for (const char* host : {"web1", "web2"}) EXPECT_EQ(written_to(host), "line 1\nline 2\n");
  EXPECT_EQ(source_.calls.back().substr(0, 9), "end_input");
  close(pipe);
}

TEST_F(StdinFanTest, AHostThatComesLateGetsItFromTheBeginning) {
  const int pipe = input("hello");
  auto fan = StdinFan::open(loop_, pipe, 2, source_);
  ASSERT_TRUE(fan.ok());
  run(**fan, {0});
  run(**fan, {1});
  EXPECT_EQ(written_to("web2"), "hello");
  close(pipe);
}

TEST_F(StdinFanTest, WithoutInputThereIsOnlyTheEnd) {
  auto fan = StdinFan::open(loop_, -1, 1, source_);
  ASSERT_TRUE(fan.ok());
  run(**fan, {0});
  EXPECT_EQ(source_.calls, std::vector<std::string>{"end_input web1"});
}

TEST_F(StdinFanTest, EndsWhileItsInputIsStillOpen) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  {
    auto fan = StdinFan::open(loop_, ends[0], 1, source_);
    ASSERT_TRUE(fan.ok());
  }
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace bdsh::app
