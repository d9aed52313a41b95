// Downloads from a server in memory, honest and hostile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/fake_local.hpp"
#include "transfer/fake_server.hpp"
#include "transfer/host_download.hpp"

namespace bdsh::transfer::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class DownloadTest : public ::testing::Test {
 protected:
  FakeServer server_;
  FakeTree tree_;
  Rules rules_;
  Limits limits_;

  std::unique_ptr<HostDownload> download(std::vector<std::string> sources) {
    auto transfer = std::make_unique<HostDownload>(std::move(sources), rules_, limits_, tree_);
    transfer->begin();
    return transfer;
  }
  std::unique_ptr<HostDownload> run(std::vector<std::string> sources) {
    auto transfer = download(std::move(sources));
    converse(*transfer, server_);
    EXPECT_TRUE(transfer->ended());
    return transfer;
  }
  void put(const std::string& path, const std::string& content) { server_.files[path] = {0100640, content}; }
  void make(const std::string& path) { server_.files[path] = {040755}; }
};

TEST_F(DownloadTest, AFileComesWhole) {
  put("a", std::string(2'500'001, 'x'));
  const auto transfer = run({"a"});
  EXPECT_THAT(transfer->problems(), IsEmpty());
  EXPECT_THAT(tree_.files, ElementsAre(Pair("a", server_.content("a"))));
  EXPECT_EQ(tree_.attributes["a"], (Attributes{std::nullopt, 0640, std::nullopt}));
  EXPECT_EQ(transfer->tally(), (Tally{1, 1, 2'500'001, 2'500'001, true}));
}

TEST_F(DownloadTest, ShortAnswersAndAnyOrderDoNoHarm) {
  std::string content;
  for (int i = 0; i < 100'000; ++i) content += std::to_string(i);
  put("a", content);
  server_.longest_read = 1000;
  server_.backwards = true;
  EXPECT_THAT(run({"a"})->problems(), IsEmpty());
  EXPECT_EQ(tree_.files["a"], content);
}

TEST_F(DownloadTest, AFileWithoutASizeIsReadToItsEnd) {
  server_.files["a"] = {0100444, ""};
  EXPECT_THAT(run({"a"})->problems(), IsEmpty());
  EXPECT_EQ(tree_.files.at("a"), "");
}

TEST_F(DownloadTest, ModesAndTimesWhenWanted) {
  rules_.preserve = true;
  rules_.recursive = true;
  make("d");
  make("d/e");
  put("d/e/a", "x");
  run({"d"});
  EXPECT_EQ(tree_.attributes["d/e/a"].times, (Times{1, 2}));
  EXPECT_EQ(tree_.attributes["d/e/"].mode(), 0755U);
  EXPECT_TRUE(tree_.attributes.contains("d/"));
}

TEST_F(DownloadTest, WhatIsMissingIsToldAndTheRestComes) {
  put("b", "x");
  const auto transfer = run({"a", "b"});
  ASSERT_THAT(transfer->problems(), SizeIs(1));
  EXPECT_EQ(transfer->problems()[0].path, "a");
  EXPECT_EQ(transfer->problems()[0].what, "no such file or directory");
  EXPECT_EQ(tree_.files["b"], "x");
}

TEST_F(DownloadTest, WhatMayNotBeReadLeavesNothing) {
  put("a", "x");
  server_.forbidden = {"a"};
  const auto transfer = run({"a"});
  EXPECT_EQ(transfer->problems().at(0).what, "permission denied");
  EXPECT_THAT(tree_.files, IsEmpty());
  EXPECT_THAT(tree_.parts, IsEmpty());
}

TEST_F(DownloadTest, PatternsAreExpandedOnTheHost) {
  for (const char* directory : {"etc", "etc/a", "etc/b", "etc/.c"}) make(directory);
  for (const char* file : {"etc/a/x.conf", "etc/b/y.conf", "etc/b/z.txt", "etc/.c/h.conf"}) put(file, file);
  EXPECT_THAT(run({"etc/*/*.conf"})->problems(), IsEmpty());
  EXPECT_THAT(tree_.files, ElementsAre(Pair("x.conf", "etc/a/x.conf"), Pair("y.conf", "etc/b/y.conf")));
}

TEST_F(DownloadTest, APatternThatMatchesNothingIsToldOnce) {
  make("etc");
  make("etc/a");
  make("etc/b");
  const auto transfer = run({"etc/*/x*"});
  ASSERT_THAT(transfer->problems(), SizeIs(1));
  EXPECT_EQ(transfer->problems()[0].path, "etc/*/x*");
  EXPECT_EQ(transfer->problems()[0].what, "nothing matches");
}

TEST_F(DownloadTest, APatternInTheMiddleNeedNotMatchEverywhere) {
  make("h");
  make("h/a");
  make("h/b");
  put("h/b/rc", "x");
  EXPECT_THAT(run({"h/*/rc"})->problems(), IsEmpty());
  EXPECT_THAT(tree_.files, ElementsAre(Pair("rc", "x")));
}

TEST_F(DownloadTest, DirectoriesOnlyWhenWanted) {
  make("d");
  make("d/e");
  put("d/e/a", "x");
  EXPECT_THAT(run({"d"})->problems().at(0).what, HasSubstr("-r"));
  rules_.recursive = true;
  EXPECT_THAT(run({"d/"})->problems(), IsEmpty());
  EXPECT_EQ(tree_.files["d/e/a"], "x");
}

TEST_F(DownloadTest, TwoOfOneNameAreAClash) {
  make("a");
  make("b");
  put("a/x", "1");
  put("b/x", "2");
  const auto transfer = run({"a/x", "b/x"});
  ASSERT_THAT(transfer->problems(), SizeIs(1));
  EXPECT_THAT(transfer->problems()[0].what, HasSubstr("another one of that name"));
  EXPECT_EQ(tree_.files["x"], "1");
}

TEST_F(DownloadTest, LinksToFilesAreFollowedOthersAreLeftOut) {
  rules_.recursive = true;
  make("d");
  put("d/file", "x");
  const Attributes link{4, 0120777, Times{1, 2}};
  server_.listed["d"] = {{"file", link}, {"nowhere", link}, {"round", link}, {"pipe", {0, 0010644, Times{}}}};
  make("d/round");
  const auto transfer = run({"d"});
  EXPECT_THAT(transfer->problems(), IsEmpty());
  EXPECT_THAT(tree_.files, ElementsAre(Pair("d/file", "x")));
  EXPECT_THAT(transfer->skipped(), SizeIs(3));
}

TEST_F(DownloadTest, AFullDiskHereLeavesNothing) {
  put("a", std::string(200'000, 'x'));
  tree_.room = 100'000;
  EXPECT_THAT(run({"a"})->problems().at(0).what, HasSubstr("No space left"));
  EXPECT_THAT(tree_.files, IsEmpty());
  EXPECT_THAT(tree_.parts, IsEmpty());
}

TEST_F(DownloadTest, ALostHostLeavesNothing) {
  put("a", std::string(2'000'000, 'x'));
  limits_.requests = 4;
  const auto transfer = download({"a"});
  converse(*transfer, server_, 8);
  ASSERT_THAT(tree_.parts, SizeIs(1));
  transfer->broke_off();
  EXPECT_THAT(tree_.parts, IsEmpty());
  EXPECT_THAT(tree_.files, IsEmpty());
}

TEST_F(DownloadTest, ResumeGoesOnWhereItBroke) {
  rules_.resume = true;
  limits_.requests = 2;
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += std::to_string(i);
  put("a", content);
  auto broken = download({"a"});
  converse(*broken, server_, 12);
  broken->broke_off();
  ASSERT_THAT(tree_.parts, SizeIs(1));
  const auto transfer = run({"a"});
  EXPECT_EQ(tree_.files["a"], content);
  EXPECT_LT(transfer->tally().bytes_done, content.size());
  EXPECT_EQ(transfer->tally().bytes, transfer->tally().bytes_done);
}

TEST_F(DownloadTest, WhatIsReadAgainMustBeTheSame) {
  put("a", std::string(200'000, 'x'));
  rules_.compare = true;
  EXPECT_THAT(run({"a"})->problems(), IsEmpty());
  EXPECT_EQ(tree_.files["a"], server_.content("a"));
}

// ---- hostile servers

TEST_F(DownloadTest, NamesThatLeadElsewhereAreRefused) {
  rules_.recursive = true;
  make("d");
  const Attributes file{1, 0100644, Times{1, 2}};
  server_.listed["d"] = {{"../../etc/passwd", file}, {"/etc/passwd", file}, {"a/../../b", file}, {"", file}};
  const auto transfer = run({"d"});
  EXPECT_EQ(transfer->problem_count(), 4U);
  EXPECT_THAT(tree_.files, IsEmpty());
}

TEST_F(DownloadTest, PatternsDoNotMatchThemEither) {
  make("d");
  server_.listed["d"] = {{"../x", {1, 0100644, Times{1, 2}}}};
  EXPECT_EQ(run({"d/*"})->problems().at(0).what, "nothing matches");
}

TEST_F(DownloadTest, ControlCharactersAreNotInNamesHere) {
  rules_.recursive = true;
  make("d");
  put("d/a\x1b[2Jb", "x");
  put("d/a\n", "y");
  run({"d"});
  EXPECT_THAT(tree_.files, ElementsAre(Pair("d/a_", "y"), Pair("d/a_[2Jb", "x")));
}

TEST_F(DownloadTest, NamesThatBecomeOneAreAClash) {
  rules_.recursive = true;
  make("d");
  put("d/a\n", "1");
  put("d/a\t", "2");
  const auto transfer = run({"d"});
  ASSERT_EQ(transfer->problem_count(), 1U);
  EXPECT_THAT(transfer->problems()[0].what, HasSubstr("the same here"));
}

TEST_F(DownloadTest, ATreeWithoutABottomEnds) {
  rules_.recursive = true;
  const Attributes directory{0, 040755, Times{1, 2}};
  std::string path = "d";
  make("d");
  for (int i = 0; i < 200; ++i, path += "/d") server_.listed[path] = {{"d", directory}};
  const auto transfer = run({"d"});
  EXPECT_EQ(transfer->problems().at(0).what, "too deep");
}

TEST_F(DownloadTest, AFileThatIsShorterThanSaidIsNotKept) {
  rules_.recursive = true;
  make("d");
  server_.listed["d"] = {{"a", {100'000, 0100644, Times{1, 2}}}};
  put("d/a", std::string(50'000, 'x'));
  EXPECT_THAT(run({"d"})->problems().at(0).what, HasSubstr("shorter"));
  EXPECT_THAT(tree_.files, IsEmpty());
}

}  // namespace
}  // namespace bdsh::transfer::test
