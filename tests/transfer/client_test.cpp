// The client's end as a transcript: requests to the byte, answers checked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/fake_server.hpp"
#include "transfer/rate.hpp"
#include "transfer/read_plan.hpp"
#include "transfer/sftp_client.hpp"

namespace bdsh::transfer::test {
namespace {

using ::testing::HasSubstr;

std::string version(std::initializer_list<std::pair<const char*, const char*>> extensions = {}) {
  std::string rest = number(3);
  for (const auto& [name, value] : extensions) rest += text(name) + text(value);
  return reply(Kind::version, 0, rest);
}

class ClientTest : public ::testing::Test {
 protected:
  SftpClient client_{4};
  void greet(const std::string& greeting = version()) {
    client_.hello();
    EXPECT_EQ(client_.take_output(), std::string("\0\0\0\5\1\0\0\0\3", 9));
    client_.feed(greeting);
    const auto nothing = client_.next();
    ASSERT_TRUE(nothing);
    EXPECT_FALSE(*nothing);
  }
  Error error_after(const std::string& bytes) {
    client_.feed(bytes);
    const auto answer = client_.next();
    EXPECT_FALSE(answer);
    return answer ? Error{} : answer.error();
  }
};

TEST_F(ClientTest, RequestsAreAsTheDraftHasThem) {
  greet();
  client_.open("f", open_for::writing | open_for::creating, {std::nullopt, 0640, std::nullopt});
  EXPECT_EQ(client_.take_output(), std::string("\0\0\0\x16\3\0\0\0\1\0\0\0\1f\0\0\0\x0a\0\0\0\4\0\0\1\xa0", 26));
  client_.read("h", 5, 7);
  EXPECT_EQ(client_.take_output(), std::string("\0\0\0\x16\5\0\0\0\2\0\0\0\1h\0\0\0\0\0\0\0\5\0\0\0\7", 26));
  client_.write("h", 1, "xy");
  EXPECT_EQ(client_.take_output(), std::string("\0\0\0\x18\6\0\0\0\3\0\0\0\1h\0\0\0\0\0\0\0\1\0\0\0\2xy", 28));
}

TEST_F(ClientTest, AnswersGoToTheirOwners) {
  greet();
  client_.act_for(5);
  const auto first = client_.stat("a");
  client_.act_for(6);
  const auto second = client_.close("h");
  client_.feed(status(second, Fx::ok) + status(first, Fx::no_such_file));
  auto answer = client_.next();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((**answer).owner, 6U);
  answer = client_.next();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((**answer).owner, 5U);
  EXPECT_EQ(client_.in_flight(), 0U);
}

TEST_F(ClientTest, NotReadyBeforeTheLimitsAreKnown) {
  greet(version({{"limits@openssh.com", "1"}, {"posix-rename@openssh.com", "1"}, {"fsync@openssh.com", "2"}}));
  EXPECT_FALSE(client_.ready());
  EXPECT_TRUE(client_.renames_over());
  EXPECT_FALSE(client_.can_flush());  // of a version that is not known
  std::string limits;
  for (const std::uint64_t value : {20'000, 10'000, 12'000, 5}) put_u64(limits, value);
  client_.feed(reply(Kind::extended_reply, 1, limits));
  ASSERT_TRUE(client_.next());
  EXPECT_TRUE(client_.ready());
  EXPECT_EQ(client_.read_size(), 10'000U);
  EXPECT_EQ(client_.write_size(), 12'000U);
  EXPECT_EQ(client_.most_handles(), 5U);
}

TEST_F(ClientTest, RoomEndsWithTheAnswersThatAreOpen) {
  greet();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(client_.room());
    client_.read("h", 0, 1);
  }
  EXPECT_FALSE(client_.room());
}

TEST_F(ClientTest, WhatWasNotAskedIsAnError) {
  greet();
  EXPECT_THAT(error_after(status(9, Fx::ok)).message, HasSubstr("not asked"));
}

TEST_F(ClientTest, AnAnswerComesOnce) {
  greet();
  const auto id = client_.close("h");
  client_.feed(status(id, Fx::ok));
  ASSERT_TRUE(client_.next());
  EXPECT_EQ(error_after(status(id, Fx::ok)).kind, ErrorKind::protocol);
}

TEST_F(ClientTest, AnAnswerOfAnotherKindIsAnError) {
  greet();
  const auto id = client_.stat("a");
  EXPECT_THAT(error_after(reply(Kind::handle, id, text("h"))).message, HasSubstr("wrong kind"));
}

TEST_F(ClientTest, WellIsNoAnswerToWhatAsksForSomething) {
  greet();
  const auto id = client_.stat("a");
  client_.feed(status(id, Fx::ok));
  const auto answer = client_.next();
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ(std::get<StatusReply>((**answer).reply.body).code, Fx::failure);
}

TEST_F(ClientTest, OtherVersionsAreNotSpoken) {
  client_.hello();
  EXPECT_THAT(error_after(reply(Kind::version, 0, number(6))).message, HasSubstr("version 6"));
}

TEST_F(ClientTest, AnAnswerBeforeTheGreetingIsAnError) {
  client_.hello();
  EXPECT_THAT(error_after(status(1, Fx::ok)).message, HasSubstr("before its greeting"));
}

TEST(ReadPlanTest, ShortAnswersAreAskedForAgain) {
  ReadPlan plan(10, 30, 10, 100);
  plan.asked(1, *plan.take());
  plan.asked(2, *plan.take());
  EXPECT_FALSE(plan.take());
  EXPECT_EQ(plan.arrived(1, 4)->offset, 10U);
  const auto rest = plan.take();
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->offset, 14U);
  EXPECT_EQ(rest->count, 6U);
  plan.asked(3, *rest);
  EXPECT_FALSE(plan.arrived(2, 11));  // more than was asked for
  EXPECT_FALSE(plan.arrived(2, 0));
  EXPECT_TRUE(plan.arrived(2, 10));
  EXPECT_FALSE(plan.done());
  EXPECT_TRUE(plan.arrived(3, 6));
  EXPECT_TRUE(plan.done());
}

TEST(ReadPlanTest, NotMoreThanTheSpanBeyondWhatIsMissing) {
  ReadPlan plan(0, 100, 10, 30);
  std::uint32_t id = 0;
  for (auto piece = plan.take(); piece; piece = plan.take()) plan.asked(++id, *piece);
  EXPECT_EQ(id, 3U);
  ASSERT_TRUE(plan.arrived(2, 10));
  EXPECT_FALSE(plan.take());
  ASSERT_TRUE(plan.arrived(1, 10));
  EXPECT_TRUE(plan.take());
}

TEST(RateTest, IsThatOfTheLastSeconds) {
  using std::chrono::seconds;
  Rate rate;
  Rate::Time now{};
  EXPECT_EQ(rate.per_second(), 0);
  EXPECT_FALSE(rate.seconds_for(1));
  for (std::uint64_t done = 0; done <= 1000; done += 100, now += seconds(1)) rate.look(done, now);
  EXPECT_DOUBLE_EQ(rate.per_second(), 100);
  EXPECT_DOUBLE_EQ(*rate.seconds_for(250), 2.5);
  for (int i = 0; i < 10; ++i, now += seconds(1)) rate.look(1000, now);  // it stands still
  EXPECT_EQ(rate.per_second(), 0);
}

TEST(RateTest, IsNeverLessThanNothing) {
  Rate rate;
  rate.look(1000, Rate::Time{});
  rate.look(10, Rate::Time{} + std::chrono::seconds(1));  // a file was given up
  EXPECT_EQ(rate.per_second(), 0);
}

}  // namespace
}  // namespace bdsh::transfer::test
