// Large input arrives whole and in order at hosts that take it slowly, and can be stopped.
#include "app/input_flow.hpp"

#include <gtest/gtest.h>

#include <map>

#include "fake_source.hpp"

namespace bdsh::app {
namespace {

constexpr HostId kFast{0};
constexpr HostId kSlow{1};

// Write queues that drain as fast as each host reads.
class QueueSource : public FakeSource {
 public:
  bool write(HostId host, std::string_view bytes) override {
    if (refuses.contains(host)) return false;
    queued[host] += bytes;
    most = std::max(most, queued[host].size());
    return true;
  }
  std::size_t queued_bytes(HostId host) const override {
    const auto found = queued.find(host);
    return found == queued.end() ? 0 : found->second.size();
  }
  void read(HostId host, std::size_t count) {
    std::string& queue = queued[host];
    got[host] += queue.substr(0, count);
    queue.erase(0, count);
  }

  std::map<HostId, std::string> queued;
  std::map<HostId, std::string> got;
  std::size_t most = 0;
};

InputFlow::Text text(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// Every byte tells its place.
std::string megabyte() {
  std::string out;
  while (out.size() < (1U << 20U)) out += std::to_string(out.size()) + "\r";
  return out;
}

class InputFlowTest : public testing::Test {
 protected:
  QueueSource source_;
  InputFlow flow_{source_};
};

TEST_F(InputFlowTest, AMegabyteArrivesWholeAtFastAndSlowHosts) {
  const std::string paste = megabyte();
  const InputFlow::Text shared = text(paste);
  for (const HostId host : {kFast, kSlow}) flow_.send(host, shared);
  for (int turn = 0; !flow_.empty() && turn < 100'000; ++turn) {
    EXPECT_TRUE(flow_.pump().empty());
    source_.read(kFast, 1U << 20U);
    source_.read(kSlow, 500);
  }
  source_.read(kSlow, 1U << 20U);
  source_.read(kFast, 1U << 20U);
  EXPECT_EQ(source_.got[kFast], paste);
  EXPECT_EQ(source_.got[kSlow], paste);
  EXPECT_LE(source_.most, InputFlow::kInQueue);
}

TEST_F(InputFlowTest, WhatComesLaterStaysBehind) {
  flow_.send(kSlow, text(std::string(InputFlow::kInQueue, 'a')));
  flow_.send(kSlow, text("b"));
  flow_.pump();
  EXPECT_TRUE(flow_.waits(kSlow));
  source_.read(kSlow, InputFlow::kInQueue);
  flow_.pump();
  EXPECT_FALSE(flow_.waits(kSlow));
  EXPECT_EQ(source_.queued[kSlow], "b");
}

TEST_F(InputFlowTest, SaysHowFarItIs) {
  EXPECT_EQ(flow_.percent(), 100);
  flow_.send(kSlow, text(std::string(4 * InputFlow::kInQueue, 'a')));
  EXPECT_EQ(flow_.percent(), 0);
  flow_.pump();
  EXPECT_EQ(flow_.percent(), 25);
  EXPECT_EQ(flow_.bytes_left(), 3 * InputFlow::kInQueue);
  flow_.send(kFast, text("abc"));
  EXPECT_EQ(flow_.bytes_waiting(), 3 * InputFlow::kInQueue + 3);
  EXPECT_EQ(flow_.host_count(), 2U);
}

TEST_F(InputFlowTest, StoppingEndsABracketedPasteForTheProgram) {
  flow_.send(kSlow, text("\x1b[200~" + std::string(2 * InputFlow::kInQueue, 'a') + "\x1b[201~"));
  flow_.pump();
  flow_.stop(HostSet::of(kSlow));
  EXPECT_TRUE(flow_.empty());
  EXPECT_TRUE(source_.queued[kSlow].ends_with("aaa\x1b[201~"));
}

TEST_F(InputFlowTest, StoppingBeforeItBeganSendsNothing) {
  flow_.send(kSlow, text("\x1b[200~a\x1b[201~"));
  flow_.stop(HostSet::of(kSlow));
  EXPECT_EQ(source_.queued[kSlow], "");
}

TEST_F(InputFlowTest, AHostThatIsGoneDropsOut) {
  flow_.send(kFast, text("a"));
  flow_.send(kSlow, text("a"));
  source_.refuses.add(kSlow);
  EXPECT_EQ(flow_.pump(), HostSet::of(kSlow));
  EXPECT_TRUE(flow_.empty());
  EXPECT_EQ(source_.queued[kFast], "a");
}

}  // namespace
}  // namespace bdsh::app
