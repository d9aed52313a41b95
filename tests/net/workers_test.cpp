// Threads for what blocks, and the cache of addresses that is built on them.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "net/lifecycle.hpp"
#include "net/resolver.hpp"
#include "net/workers.hpp"

namespace bdsh::net {
namespace {

TEST(Workers, JobsRunElsewhereAndCompletionsOnTheLoop) {
  asio::io_context loop;
  Workers workers(loop, 2);
  std::thread::id job;
  std::thread::id completion;
  workers.run([&] { job = std::this_thread::get_id(); },
              [&] { completion = std::this_thread::get_id(); });
  loop.run();  // has work until the completion ran
  EXPECT_NE(job, std::this_thread::get_id());
  EXPECT_EQ(completion, std::this_thread::get_id());
}

TEST(Workers, NeverMoreAtOnceThanTold) {
  asio::io_context loop;
  Workers workers(loop, 3);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  int completed = 0;
  for (int i = 0; i < 40; ++i)
    workers.run(
        [&] {
          const int now = ++running;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) continue;
          std::this_thread::yield();
          --running;
        },
        [&] { ++completed; });
  loop.run();
  EXPECT_EQ(completed, 40);
  EXPECT_LE(most, 3);
}

TEST(Workers, OneThatIsStuckHoldsNobodyUp) {
  std::promise<void> release;
  auto released = release.get_future().share();
  auto object = std::make_shared<int>(1);  // owned by the completion: gone with the workers
  {
    asio::io_context loop;
    Workers workers(loop, 1);
    workers.run([released] { released.wait(); }, [object] { FAIL() << "completed after the end"; });
    workers.run([] { FAIL() << "begun after the end"; }, [] {});
  }
  EXPECT_EQ(object.use_count(), 1);
  release.set_value();
}

class ResolverTest : public ::testing::Test {
 protected:
  Result<Addresses> ask(const std::string& name, Time now) {
    Result<Addresses> answer = Addresses{};
    int answers = 0;
    resolver_.resolve(name, HostSpec::Family::any, now, [&](const Result<Addresses>& result) {
      answer = result;
      ++answers;
    });
    loop_.restart();
    loop_.run();
    EXPECT_EQ(answers, 1);
    return answer;
  }

  asio::io_context loop_;
  Workers workers_{loop_, 2};
  std::atomic<int> looked_up_ = 0;
  std::atomic<bool> down_ = false;
  Resolver resolver_{workers_, [this](const std::string&, HostSpec::Family family) -> Result<Addresses> {
                       ++looked_up_;
                       if (down_) return Error{ErrorKind::resolve, "down"};
                       return look_up("127.0.0.9", family, true);
                     }};
};

TEST_F(ResolverTest, KeepsAnswersForAMinute) {
  const Time start{};
  EXPECT_EQ(ask("web", start)->front().numeric, "127.0.0.9");
  EXPECT_TRUE(ask("web", start + std::chrono::seconds(59)).ok());
  EXPECT_EQ(looked_up_, 1);
  EXPECT_TRUE(ask("web", start + std::chrono::seconds(60)).ok());
  EXPECT_EQ(looked_up_, 2);
}

TEST_F(ResolverTest, DoesNotKeepFailures) {
  down_ = true;
  EXPECT_FALSE(ask("web", Time{}).ok());
  down_ = false;
  EXPECT_TRUE(ask("web", Time{}).ok());
}

TEST_F(ResolverTest, AsksOnceForEqualQuestionsUnderWay) {
  int answers = 0;
  for (int i = 0; i < 10; ++i)
    resolver_.resolve("web", HostSpec::Family::any, Time{}, [&](const Result<Addresses>& result) {
      EXPECT_TRUE(result.ok());
      ++answers;
    });
  resolver_.resolve("web", HostSpec::Family::inet, Time{}, [&](const Result<Addresses>&) { ++answers; });
  loop_.run();
  EXPECT_EQ(answers, 11);
  EXPECT_EQ(looked_up_, 2);
}

TEST_F(ResolverTest, NumericAddressesAreNotLookedUp) {
  EXPECT_EQ(ask("::1", Time{})->front().numeric, "::1");
  EXPECT_EQ(ask("127.0.0.7", Time{})->front().numeric, "127.0.0.7");
  EXPECT_EQ(looked_up_, 0);
}

}  // namespace
}  // namespace bdsh::net
