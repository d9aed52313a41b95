// What operands mean: whose files, where to, and which host lacks them.
#include "app/transfer_plans.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/dashboard_transfers.hpp"

namespace bdsh::app {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TransferPlansTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "bdsh-plans-XXXXXX").string();
    dir_ = mkdtemp(name.data());
    for (const char* host : {"web01", "web02"}) {
      settings_.hosts.emplace_back();
      settings_.hosts.back().name = host;
    }
    settings_.job = config::Job::upload;
  }
  void TearDown() override { fs::remove_all(dir_); }
  std::string put(const std::string& name) {
    std::ofstream(dir_ / name) << name;
    return (dir_ / name).string();
  }

  fs::path dir_;
  config::Settings settings_;
};

TEST_F(TransferPlansTest, HostsGetATransferEach) {
  settings_.operands = {put("f"), "/tmp/"};
  const auto plans = plan_transfers(settings_, HostSet::of(HostId{1}));
  ASSERT_TRUE(plans) << plans.error().message;
  ASSERT_EQ(plans->transfers.size(), 2U);
  EXPECT_TRUE(plans->transfers[0]);
  EXPECT_FALSE(plans->transfers[1]);  // it cannot be connected to
  EXPECT_EQ(plans->transfers[0]->tally().bytes, 1U);
}

TEST_F(TransferPlansTest, WhatNoHostCanHaveIsAnErrorOfAll) {
  settings_.operands = {(dir_ / "none").string(), "/tmp/"};
  const auto plans = plan_transfers(settings_, {});
  ASSERT_FALSE(plans);
  EXPECT_THAT(plans.error().message, HasSubstr("No such file"));
}

TEST_F(TransferPlansTest, WhatOneHostLacksIsItsOwnProblem) {
  put("web01.pem");
  settings_.operands = {(dir_ / "{host}.pem").string(), "/tmp/"};
  const auto plans = plan_transfers(settings_, {});
  ASSERT_TRUE(plans);
  ASSERT_EQ(plans->problems.size(), 1U);
  EXPECT_EQ(plans->problems[0].first, HostId{1});
  EXPECT_EQ(plans->problems[0].second.kind, ErrorKind::channel);
}

TEST_F(TransferPlansTest, DownloadsHaveADirectoryEach) {
  settings_.job = config::Job::download;
  settings_.operands = {"/etc/hosts", (dir_ / "in").string()};
  ASSERT_TRUE(plan_transfers(settings_, {}));
  EXPECT_TRUE(fs::is_directory(dir_ / "in/web01"));
  settings_.operands = {"/etc/hosts", (dir_ / "by/{host}.d").string()};
  ASSERT_TRUE(plan_transfers(settings_, {}));
  EXPECT_TRUE(fs::is_directory(dir_ / "by/web02.d"));
}

TEST_F(TransferPlansTest, FilesOpenAtATimeAreBoundedOverAllHosts) {
  settings_.operands = {put("f"), "/tmp/"};
  settings_.hosts.resize(1000, settings_.hosts.front());
  const auto plans = plan_transfers(settings_, {});
  ASSERT_TRUE(plans);
  EXPECT_LE(plans->descriptors, 3000U);
}

TEST(ParseTransfer, WordsAreAsInASmallShell) {
  config::Settings settings;
  ASSERT_TRUE(parse_transfer({true, {}, "-r --preserve 'a file' b\\ c \"d e\" /tmp/x"}, settings));
  EXPECT_EQ(settings.job, config::Job::upload);
  EXPECT_TRUE(settings.transfer.recursive && settings.transfer.preserve && !settings.transfer.resume);
  EXPECT_THAT(settings.operands, ElementsAre("a file", "b c", "d e", "/tmp/x"));
}

TEST(ParseTransfer, HomeIsThatOfThisSide) {
  setenv("HOME", "/home/me", 1);
  config::Settings settings;
  ASSERT_TRUE(parse_transfer({true, {}, "~/a ~/b"}, settings));
  EXPECT_THAT(settings.operands, ElementsAre("/home/me/a", "~/b"));
  ASSERT_TRUE(parse_transfer({false, {}, "~/a ~/b"}, settings));
  EXPECT_THAT(settings.operands, ElementsAre("~/a", "/home/me/b"));
}

TEST(ParseTransfer, WhatIsWrongIsSaid) {
  config::Settings settings;
  EXPECT_THAT(parse_transfer({true, {}, "a"}, settings).error().message, HasSubstr("SRC... DEST"));
  EXPECT_THAT(parse_transfer({true, {}, "--fast a b"}, settings).error().message, HasSubstr("unknown option '--fast'"));
  EXPECT_THAT(parse_transfer({true, {}, "'a b"}, settings).error().message, HasSubstr("not closed"));
}

TEST(ParseTransfer, ChosenPathsMeanThemselves) {
  config::Settings settings;
  ASSERT_TRUE(parse_transfer({false, {}, "-r ~/back", {"/etc/a*b", "~", "{host}", "-r", "x\\y[1]"}}, settings));
  EXPECT_TRUE(settings.transfer.recursive);
  EXPECT_THAT(settings.operands, ElementsAre("/etc/a\\*b", "./~", "./{\\host}", "./-r",
                                             "./x\\\\y\\[1]", ::testing::EndsWith("/back")));
  ASSERT_TRUE(parse_transfer({true, {}, "a b", {"conf.d"}}, settings));
  EXPECT_THAT(settings.operands, ElementsAre("a", "b", "./conf.d/"));
  ASSERT_TRUE(parse_transfer({true, {}, "a", {""}}, settings));
  EXPECT_THAT(settings.operands, ElementsAre("a", ".//"));
}

TEST(ParseTransfer, BesideChosenPathsOneSideIsTyped) {
  config::Settings settings;
  EXPECT_THAT(parse_transfer({false, {}, "a b", {"/x"}}, settings).error().message, HasSubstr("DESTDIR"));
  EXPECT_THAT(parse_transfer({true, {}, "-r", {"/x"}}, settings).error().message, HasSubstr("SRC"));
  EXPECT_THAT(parse_transfer({true, {}, "a", {"/{host}"}}, settings).error().message, HasSubstr("{host}"));
}

}  // namespace
}  // namespace bdsh::app
