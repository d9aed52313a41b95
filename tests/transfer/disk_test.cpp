// The near end on a real disk: what is walked, what is made, and what no name and no link reaches.
#include "transfer/disk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/names.hpp"
#include "transfer/temporary.hpp"

namespace bdsh::transfer::test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DiskTest : public ::testing::Test {
 protected:
  Temporary dir_;
  std::unique_ptr<LocalTree> tree() {
    auto opened = open_tree(dir_ / "in/host");
    return std::move(*opened);
  }
  std::vector<std::string> below(const UploadPlan& plan) {
    std::vector<std::string> paths;
    for (const UploadItem& item : plan.items) paths.push_back(item.below + (item.directory ? "/" : ""));
    return paths;
  }
  std::vector<std::string> entries(const std::string& path) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().filename());
    return names;
  }
};

TEST_F(DiskTest, ATreeIsPlannedTopDownAndLinksRoundAreLeftOut) {
  fs::create_directories(dir_ / "d/s");
  put(dir_ / "d/a", "123");
  put(dir_ / "d/s/b", "4");
  fs::create_symlink("a", dir_ / "d/link");
  fs::create_directory_symlink("..", dir_ / "d/s/round");
  fs::create_symlink("nothing", dir_ / "d/broken");
  const auto plan = plan_upload({dir_ / "d/"}, true);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_THAT(plan->roots, ElementsAre("d"));
  EXPECT_THAT(below(*plan), ElementsAre("/", "a", "link", "s/", "s/b"));
  EXPECT_EQ(plan->items[1].size, 3U);
  EXPECT_EQ(plan->skipped.size(), 2U);
}

TEST_F(DiskTest, WhatCannotBePlannedIsSaid) {
  fs::create_directories(dir_ / "d");
  fs::create_directories(dir_ / "e");
  put(dir_ / "d/a", "1");
  put(dir_ / "e/a", "2");
  EXPECT_THAT(plan_upload({dir_ / "none"}, false).error().message, HasSubstr("No such file"));
  EXPECT_THAT(plan_upload({dir_ / "d"}, false).error().message, HasSubstr("-r"));
  EXPECT_THAT(plan_upload({dir_ / "d/a", dir_ / "e/a"}, false).error().message, HasSubstr("another 'a'"));
  EXPECT_THAT(plan_upload({dir_ / "d/*.x"}, false).error().message, HasSubstr("nothing matches"));
  EXPECT_TRUE(plan_upload({dir_ / "d/*"}, false));
}

TEST_F(DiskTest, AFileGetsItsNameAtTheEnd) {
  const auto in = tree();
  ASSERT_TRUE(in->make_directory("d"));
  auto target = in->create("d/a", 1, false);
  ASSERT_TRUE(target) << target.error().message;
  ASSERT_TRUE((*target)->write(3, "def"));
  ASSERT_TRUE((*target)->write(0, "abc"));
  EXPECT_FALSE(fs::exists(dir_ / "in/host/d/a"));
  EXPECT_EQ(*(*target)->read(2, 2), "cd");
  ASSERT_TRUE((*target)->commit({std::nullopt, 0400, Times{5, 6}}));
  target->reset();
  EXPECT_EQ(content(dir_ / "in/host/d/a"), "abcdef");
  EXPECT_EQ(info(dir_ / "in/host/d/a").st_mode & 07777U, 0400U);
  EXPECT_EQ(info(dir_ / "in/host/d/a").st_mtim.tv_sec, 6);
  EXPECT_THAT(entries(dir_ / "in/host/d"), ElementsAre("a"));
}

TEST_F(DiskTest, WithoutTimesTheUmaskHolds) {
  const mode_t before = umask(027);
  auto target = tree()->create("a", 1, false);
  ASSERT_TRUE((*target)->commit({std::nullopt, 0666, std::nullopt}));
  umask(before);
  EXPECT_EQ(info(dir_ / "in/host/a").st_mode & 07777U, 0640U);
}

TEST_F(DiskTest, AFileThatIsNotFinishedIsGone) {
  put((fs::create_directories(dir_ / "in/host"), dir_ / "in/host/a"), "old");
  auto target = tree()->create("a", 1, false);
  ASSERT_TRUE((*target)->write(0, "new"));
  target->reset();
  EXPECT_THAT(entries(dir_ / "in/host"), ElementsAre("a"));
  EXPECT_EQ(content(dir_ / "in/host/a"), "old");
}

TEST_F(DiskTest, LeftForLaterItIsFoundAgainInItsVersion) {
  {
    auto target = tree()->create("a", 7, true);
    ASSERT_TRUE((*target)->write(0, "12345"));
    (*target)->leave();
  }
  EXPECT_EQ((*tree()->create("a", 8, true))->present(), 0U);
  auto target = tree()->create("a", 7, true);
  EXPECT_EQ((*target)->present(), 5U);
  ASSERT_TRUE((*target)->commit({}));
  EXPECT_EQ(content(dir_ / "in/host/a"), "12345");
}

TEST_F(DiskTest, NoLinkIsFollowed) {
  fs::create_directories(dir_ / "in/host");
  fs::create_directories(dir_ / "outside");
  put(dir_ / "outside/victim", "safe");
  fs::create_directory_symlink(dir_ / "outside", dir_ / "in/host/d");
  fs::create_symlink(dir_ / "outside/victim", dir_ / "in/host/f");
  const std::string part = part_name("g", 1);
  fs::create_symlink(dir_ / "outside/victim", (dir_ / "in/host/") + part);
  const auto in = tree();
  EXPECT_FALSE(in->make_directory("d"));
  EXPECT_FALSE(in->make_directory("d/e"));
  EXPECT_FALSE(in->create("d/a", 1, false));
  EXPECT_FALSE(in->set_directory("d", {std::nullopt, 0777, Times{}}));
  for (const char* name : {"f", "g"}) {
    auto target = in->create(name, 1, true);
    ASSERT_TRUE(target) << target.error().message;
    ASSERT_TRUE((*target)->write(0, "evil"));
    ASSERT_TRUE((*target)->commit({}));
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status((dir_ / "in/host/") + name)));
  }
  EXPECT_EQ(content(dir_ / "outside/victim"), "safe");
  EXPECT_THAT(entries(dir_ / "outside"), ElementsAre("victim"));
}

TEST_F(DiskTest, PathsThatLeadOutAreRefused) {
  const auto in = tree();
  EXPECT_FALSE(in->make_directory("../x/y"));
  EXPECT_FALSE(in->create("../x", 1, false));
  EXPECT_FALSE(in->create("/x", 1, false));
  EXPECT_THAT(entries(dir_ / "in"), ElementsAre("host"));
  EXPECT_THAT(entries(dir_ / "in/host"), IsEmpty());
}

TEST_F(DiskTest, ADirectoryInTheWayIsSaid) {
  const auto in = tree();
  ASSERT_TRUE(in->make_directory("a"));
  EXPECT_THAT(in->create("a", 1, false).error().message, HasSubstr("directory"));
  put(dir_ / "in/host/f", "x");
  EXPECT_FALSE(in->make_directory("f"));
}

}  // namespace
}  // namespace bdsh::transfer::test
