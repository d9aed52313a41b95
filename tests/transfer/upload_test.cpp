// Uploads against a server in memory: what is on it afterwards, and what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/fake_local.hpp"
#include "transfer/fake_server.hpp"
#include "transfer/host_upload.hpp"

namespace bdsh::transfer::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 7 + i / 251) & 0xFFU);
  return out;
}

class UploadTest : public ::testing::Test {
 protected:
  FakeServer server_;
  FakeSources sources_;
  Rules rules_;
  Limits limits_;
  OpenSource open_ = sources_.opener();

  std::unique_ptr<HostUpload> upload(std::shared_ptr<UploadPlan> plan, const std::string& to,
                                     bool directory = false) {
    auto transfer = std::make_unique<HostUpload>(std::move(plan), UploadTo{to, directory}, "web01",
                                                 rules_, limits_, open_);
    transfer->begin();
    return transfer;
  }
  std::unique_ptr<HostUpload> run(std::shared_ptr<UploadPlan> plan, const std::string& to,
                                  bool directory = false) {
    auto transfer = upload(std::move(plan), to, directory);
    converse(*transfer, server_);
    EXPECT_TRUE(transfer->ended());
    return transfer;
  }
  std::unique_ptr<HostUpload> one(const std::string& content, const std::string& to = "to") {
    sources_.files["a"] = content;
    return run(sources_.plan({{"a", ""}}), to);
  }
};

TEST_F(UploadTest, AFileGetsItsNameWhenItIsWhole) {
  const std::string content = pattern(3'000'001);
  const auto transfer = one(content);
  EXPECT_THAT(transfer->problems(), IsEmpty());
  EXPECT_EQ(server_.content("to"), content);
  EXPECT_THAT(server_.names(), ElementsAre("to"));
  EXPECT_EQ(transfer->tally(), (Tally{1, 1, content.size(), content.size(), true}));
  EXPECT_THAT(server_.seen.back(), StartsWith("rename .to."));
}

TEST_F(UploadTest, ManyRequestsAreUnderWayButNeverMoreThanAllowed) {
  limits_.requests = 8;
  one(pattern(1'000'000));
  EXPECT_GE(server_.most_together, 7U);
  EXPECT_LE(server_.most_together, 9U);  // and one that carries no data
}

TEST_F(UploadTest, AnswersMayComeInAnyOrder) {
  server_.backwards = true;
  const std::string content = pattern(500'000);
  EXPECT_THAT(one(content)->problems(), IsEmpty());
  EXPECT_EQ(server_.content("to"), content);
}

TEST_F(UploadTest, AnEmptyFileIsOneToo) {
  EXPECT_THAT(one("")->problems(), IsEmpty());
  EXPECT_EQ(server_.content("to"), "");
}

TEST_F(UploadTest, WhatIsThereIsReplacedAndKeepsItsMode) {
  server_.files["to"] = {0100755, "old"};
  EXPECT_THAT(one("new")->problems(), IsEmpty());
  EXPECT_EQ(server_.content("to"), "new");
  EXPECT_EQ(server_.files["to"].permissions, 0100755U);
}

TEST_F(UploadTest, ModesAndTimesAreTheSourcesWhenWanted) {
  rules_.preserve = true;
  one("x");
  EXPECT_EQ(server_.files["to"].permissions, 0100640U);
  EXPECT_EQ(server_.files["to"].times, (Times{11, 22}));
}

TEST_F(UploadTest, IntoADirectoryThatIsThere) {
  server_.files["to"] = {040755};
  one("x");
  EXPECT_EQ(server_.content("to/a"), "x");
}

TEST_F(UploadTest, ADirectoryThatIsNamedAsOneIsMadeWithThoseAboveIt) {
  sources_.files["a"] = "x";
  run(sources_.plan({{"a", ""}}), "new/deep/er", true);
  EXPECT_EQ(server_.content("new/deep/er/a"), "x");
}

TEST_F(UploadTest, OthersAreNotMade) {
  const auto transfer = one("x", "new/to");
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_EQ(transfer->problems()[0].what, "no such file or directory");
  EXPECT_THAT(server_.names(), IsEmpty());
}

TEST_F(UploadTest, ADirectoryUnderTheNameIsInTheWay) {
  server_.files["to"] = {040755};
  server_.files["to/a"] = {040755};
  const auto transfer = one("x");
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_EQ(transfer->problems()[0].what, "a directory has that name");
  EXPECT_THAT(server_.names(), IsEmpty());
}

TEST_F(UploadTest, AFullDiskLeavesWhatWasThere) {
  server_.files["to"] = {0100644, "old"};
  server_.room = 100'000;
  const auto transfer = one(pattern(300'000));
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_THAT(transfer->problems()[0].what, HasSubstr("no space left on its disk"));
  EXPECT_THAT(server_.names(), ElementsAre("to"));
  EXPECT_EQ(server_.content("to"), "old");
  EXPECT_EQ(transfer->tally().bytes_done, 0U);
}

TEST_F(UploadTest, WhatAnEarlierTransferLeftIsTakenAway) {
  server_.room = 100'000;
  limits_.requests = 2;
  sources_.files["a"] = pattern(300'000);
  auto broken = upload(sources_.plan({{"a", ""}}), "to");
  converse(*broken, server_, 6);
  broken->broke_off();
  ASSERT_EQ(server_.names().size(), 1U);
  server_.room = UINT64_MAX;
  EXPECT_THAT(one(sources_.files["a"])->problems(), IsEmpty());
  EXPECT_THAT(server_.names(), ElementsAre("to"));
}

TEST_F(UploadTest, ResumeGoesOnWhereItBroke) {
  rules_.resume = true;
  limits_.requests = 2;
  const std::string content = pattern(1'000'000);
  sources_.files["a"] = content;
  auto broken = upload(sources_.plan({{"a", ""}}), "to");
  converse(*broken, server_, 12);
  broken->broke_off();
  ASSERT_THAT(server_.names(), ElementsAre(StartsWith(".to.")));
  server_.seen.clear();
  const auto transfer = one(content);
  EXPECT_EQ(server_.content("to"), content);
  EXPECT_THAT(server_.seen, Not(Contains(HasSubstr(" 0 32768"))));
  EXPECT_LT(transfer->tally().bytes_done, content.size());
  EXPECT_EQ(transfer->tally().bytes_done, transfer->tally().bytes);
}

TEST_F(UploadTest, AnotherVersionIsNotResumed) {
  rules_.resume = true;
  limits_.requests = 2;
  sources_.files["a"] = pattern(1'000'000);
  auto broken = upload(sources_.plan({{"a", ""}}), "to");
  converse(*broken, server_, 12);
  broken->broke_off();
  one(std::string(1'000'001, 'x'));
  EXPECT_EQ(server_.content("to"), std::string(1'000'001, 'x'));
}

TEST_F(UploadTest, GivenUpItLeavesNothing) {
  limits_.requests = 4;
  sources_.files["a"] = pattern(1'000'000);
  auto transfer = upload(sources_.plan({{"a", ""}}), "to");
  converse(*transfer, server_, 6);
  ASSERT_FALSE(transfer->ended());
  ASSERT_EQ(server_.names().size(), 1U);
  transfer->abort();
  converse(*transfer, server_);
  EXPECT_TRUE(transfer->ended());
  EXPECT_THAT(server_.names(), IsEmpty());
}

TEST_F(UploadTest, GivenUpAtAnyTurnItLeavesNothing) {
  for (int turn = 0; turn < 20; ++turn) {
    FakeServer server;
    sources_.files["a"] = pattern(400'000);
    limits_.requests = 4;
    auto transfer = upload(sources_.plan({{"a", ""}}), "to");
    converse(*transfer, server, turn);
    transfer->abort();
    converse(*transfer, server);
    EXPECT_TRUE(transfer->ended()) << turn;
    for (const std::string& name : server.names()) {
      EXPECT_EQ(name, "to") << turn;
      EXPECT_EQ(server.content(name), sources_.files["a"]) << turn;
    }
  }
}

TEST_F(UploadTest, WhatIsReadBackMustBeTheSame) {
  rules_.compare = true;
  EXPECT_THAT(one(pattern(300'000))->problems(), IsEmpty());
  server_.spoils_writes = true;
  server_.files["to"].content = "old";
  const auto transfer = one(pattern(300'000));
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_THAT(transfer->problems()[0].what, HasSubstr("not the same"));
  EXPECT_THAT(server_.names(), ElementsAre("to"));
  EXPECT_EQ(server_.content("to"), "old");
}

TEST_F(UploadTest, FilesAreFlushedWhenWanted) {
  rules_.flush = true;
  one("x");
  EXPECT_THAT(server_.seen, Contains(StartsWith("flush .to.")));
}

TEST_F(UploadTest, AServerWithoutExtensionsWillDo) {
  server_.extensions.clear();
  server_.files["to"] = {0100600, "old"};
  rules_.flush = true;
  EXPECT_THAT(one("new")->problems(), IsEmpty());
  EXPECT_EQ(server_.content("to"), "new");
}

TEST_F(UploadTest, ATreeIsMadeTopDown) {
  sources_.files = {{"d/x", "1"}, {"d/s/y", "2"}, {"d/s/t/z", "3"}};
  rules_.preserve = true;
  const auto transfer = run(sources_.plan({{"d/", ""}, {"d", "s/"}, {"d", "s/t/"}, {"d", "s/t/z"}, {"d", "s/y"}, {"d", "x"}}), "to");
  EXPECT_THAT(transfer->problems(), IsEmpty());
  EXPECT_THAT(server_.names(), ElementsAre("to/s/t/z", "to/s/y", "to/x"));
  EXPECT_EQ(server_.files["to/s/t"].permissions, 040750U);
  EXPECT_EQ(server_.files["to/s"].times, (Times{11, 22}));
}

TEST_F(UploadTest, WhatCannotBeMadeIsToldOnceAndTheRestGoesOn) {
  sources_.files = {{"d/s/y", "2"}, {"d/s/z", "2"}, {"d/x", "1"}};
  server_.files["to"] = {040755};
  server_.files["to/d"] = {040755};
  server_.files["to/d/s"] = {0100644, "a file"};
  const auto transfer = run(sources_.plan({{"d/", ""}, {"d", "s/"}, {"d", "s/y"}, {"d", "s/z"}, {"d", "x"}}), "to");
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_EQ(transfer->problems()[0].path, "to/d/s");
  EXPECT_EQ(transfer->problems()[0].what, "it is not a directory");
  EXPECT_EQ(server_.content("to/d/x"), "1");
}

TEST_F(UploadTest, ManySmallFilesGoSideBySide) {
  auto plan = std::make_shared<UploadPlan>();
  std::vector<std::pair<std::string, std::string>> items{{"d/", ""}};
  for (int i = 0; i < 500; ++i) {
    const std::string name = "f" + std::to_string(i);
    sources_.files["d/" + name] = name;
    items.emplace_back("d", name);
  }
  const auto transfer = run(sources_.plan(items), "to");
  EXPECT_THAT(transfer->problems(), IsEmpty());
  EXPECT_EQ(server_.names().size(), 500U);
  EXPECT_EQ(transfer->tally().files_done, 500U);
  EXPECT_GE(server_.most_open, limits_.jobs);
}

TEST_F(UploadTest, AServerOfFewOpenFilesIsSpared) {
  server_.most_handles = 3;
  std::vector<std::pair<std::string, std::string>> items{{"d/", ""}};
  for (int i = 0; i < 50; ++i) {
    sources_.files["d/f" + std::to_string(i)] = "x";
    items.emplace_back("d", "f" + std::to_string(i));
  }
  EXPECT_THAT(run(sources_.plan(items), "to")->problems(), IsEmpty());
  EXPECT_LE(server_.most_open, 3U);
}

TEST_F(UploadTest, AFileThatCannotBeReadIsToldAndTheRestGoesOn) {
  sources_.files = {{"b", "2"}};
  server_.files["to"] = {040755};
  const auto transfer = run(sources_.plan({{"a", ""}, {"b", ""}}), "to", true);
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_EQ(transfer->problems()[0].what, "No such file or directory");
  EXPECT_EQ(server_.content("to/b"), "2");
}

TEST_F(UploadTest, AFileThatShrinksIsNotUploaded) {
  sources_.files["a"] = pattern(100'000);
  auto plan = sources_.plan({{"a", ""}});
  sources_.files["a"].resize(50'000);
  const auto transfer = run(plan, "to");
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_THAT(transfer->problems()[0].what, HasSubstr("shorter"));
  EXPECT_THAT(server_.names(), IsEmpty());
}

TEST_F(UploadTest, WhatIsNoSftpIsToldWithItsWords) {
  sources_.files["a"] = "x";
  auto transfer = upload(sources_.plan({{"a", ""}}), "to");
  transfer->receive("Welcome to web01!\n");
  ASSERT_TRUE(transfer->ended());
  ASSERT_TRUE(transfer->broken());
  EXPECT_THAT(transfer->broken()->message, HasSubstr("Welcome to web01!"));
}

}  // namespace
}  // namespace bdsh::transfer::test
