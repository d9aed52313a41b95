#include "core/directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdsh {
namespace {

using ::testing::ElementsAre;

DirectoryEntry file(const std::string& name, std::uint64_t size, std::uint32_t mode = 0644,
                    std::uint32_t modified = 0) {
  return {name, {FileKind::regular, size, mode}, modified};
}
DirectoryEntry directory(const std::string& name) {
  return {name, {FileKind::directory, {}, 0755}, {}};
}
HostSet hosts(std::initializer_list<std::uint32_t> values) {
  HostSet set;
  for (const std::uint32_t value : values) set.add(HostId{value});
  return set;
}

class DirectoryTest : public ::testing::Test {
 protected:
  DirectoryMerge merge_;
  void listed(std::uint32_t host, std::vector<DirectoryEntry> entries, bool cut = false) {
    merge_.add(HostId{host}, {"/etc", std::move(entries), cut, {}});
  }
  void failed(std::uint32_t host, const std::string& why) {
    merge_.add(HostId{host}, {"", {}, false, Error{ErrorKind::channel, why}});
  }
  MergedEntry entry(const std::string& name, std::uint32_t leader = 0) const {
    for (MergedEntry& each : merge_.seen_from(HostId{leader}).entries)
      if (each.name == name) return each;
    ADD_FAILURE() << "no " << name;
    return {};
  }
};

TEST_F(DirectoryTest, WhatAllHaveAlikeDoesNotDiffer) {
  listed(0, {file("b", 1), file("a", 2, 0644, 100)});
  listed(1, {file("a", 2, 0644, 200), file("b", 1)});
  const MergedDirectory seen = merge_.seen_from(HostId{0});
  ASSERT_EQ(seen.entries.size(), 2U);
  EXPECT_EQ(seen.path, "/etc");
  EXPECT_EQ(seen.entries[0].name, "a");
  EXPECT_EQ(seen.entries[0].modified, 100U);
  EXPECT_FALSE(seen.entries[0].differs());
  EXPECT_FALSE(seen.entries[1].differs());
}

TEST_F(DirectoryTest, SaysWhereItIsOther) {
  listed(0, {file("a", 2)});
  listed(1, {file("a", 3)});
  listed(2, {file("a", 2, 0600)});
  listed(3, {directory("a")});
  listed(4, {});
  listed(5, {file("a", 4, 0600)});
  const MergedEntry a = entry("a");
  EXPECT_EQ(a.have, hosts({0, 1, 2, 3, 5}));
  EXPECT_EQ(a.other_size, hosts({1, 5}));
  EXPECT_EQ(a.other_mode, hosts({2, 5}));
  EXPECT_EQ(a.other_kind, hosts({3}));
  EXPECT_EQ(a.missing, hosts({4}));
  EXPECT_EQ(a.sizes, 3U);
}

TEST_F(DirectoryTest, WhatTheLeaderLacksIsShownAsMostHaveIt) {
  listed(0, {});
  listed(1, {file("x", 1)});
  listed(2, {file("x", 9)});
  listed(3, {file("x", 9)});
  const MergedEntry x = entry("x");
  EXPECT_FALSE(x.here);
  EXPECT_EQ(x.look.size, 9U);
  EXPECT_EQ(x.other_size, hosts({1}));
  EXPECT_EQ(x.missing, hosts({0}));
  EXPECT_TRUE(entry("x", 1).here);
  EXPECT_EQ(entry("x", 1).other_size, hosts({2, 3}));
}

TEST_F(DirectoryTest, HostsThatHaveNotListedItAllLackNothing) {
  listed(0, {file("a", 1), file("z", 1)});
  listed(1, {file("a", 1)}, true);
  failed(2, "permission denied");
  const MergedDirectory seen = merge_.seen_from(HostId{0});
  EXPECT_FALSE(seen.entries[1].differs());
  EXPECT_EQ(seen.cut, hosts({1}));
  EXPECT_EQ(seen.listed, hosts({0, 1}));
}

TEST_F(DirectoryTest, ProblemsAreGroupedByTheirWords) {
  failed(0, "no such file or directory");
  failed(1, "permission denied");
  failed(2, "no such file or directory");
  const MergedDirectory seen = merge_.seen_from(HostId{0});
  ASSERT_EQ(seen.problems.size(), 2U);
  EXPECT_EQ(seen.problems.at("no such file or directory"), hosts({0, 2}));
  EXPECT_TRUE(seen.entries.empty());
}

TEST_F(DirectoryTest, AnotherAnswerTakesThePlaceOfTheFirst) {
  listed(0, {file("old", 1), file("both", 1)});
  listed(1, {file("both", 1)});
  listed(0, {file("both", 2), file("new", 1)});
  const MergedDirectory seen = merge_.seen_from(HostId{1});
  ASSERT_EQ(seen.entries.size(), 2U);
  EXPECT_EQ(seen.entries[0].other_size, hosts({0}));
  EXPECT_EQ(seen.entries[1].name, "new");
  merge_.forget(HostId{0});
  EXPECT_EQ(merge_.seen_from(HostId{1}).entries.size(), 1U);
  EXPECT_FALSE(merge_.has(HostId{0}));
}

TEST_F(DirectoryTest, VariantsOfAnEntryAreByTheirHosts) {
  listed(0, {file("a", 1)});
  listed(1, {file("a", 2)});
  listed(2, {file("a", 2)});
  listed(3, {});
  const auto variants = merge_.variants("a");
  ASSERT_EQ(variants.size(), 3U);
  EXPECT_EQ(variants[0].look->size, 2U);
  EXPECT_EQ(variants[0].hosts, hosts({1, 2}));
  EXPECT_EQ(variants[1].hosts, hosts({0}));
  EXPECT_FALSE(variants[2].look);
  EXPECT_EQ(variants[2].hosts, hosts({3}));
  EXPECT_TRUE(merge_.variants("b").empty());
}

TEST_F(DirectoryTest, AHostThatIsNotAmongThemHasNothingOfItsOwn) {
  listed(1, {file("a", 1)});
  const MergedDirectory seen = merge_.seen_from(HostId{7});
  EXPECT_EQ(seen.path, "");
  EXPECT_FALSE(seen.entries[0].here);
  EXPECT_FALSE(seen.entries[0].differs());
}

}  // namespace
}  // namespace bdsh
