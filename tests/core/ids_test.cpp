#include "core/ids.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

namespace bdsh {
namespace {

using testing::ElementsAre;

TEST(HostSet, MembersInAscendingOrder) {
  HostSet set;
  EXPECT_TRUE(set.empty());
  set.add(HostId{200}).add(HostId{0}).add(HostId{64}).add(HostId{63}).add(HostId{64});
  EXPECT_THAT(set.to_vector(), ElementsAre(HostId{0}, HostId{63}, HostId{64}, HostId{200}));
  EXPECT_EQ(set.size(), 4U);
  set.remove(HostId{64}).remove(HostId{5000}).toggle(HostId{1}).toggle(HostId{0});
  EXPECT_THAT(set.to_vector(), ElementsAre(HostId{1}, HostId{63}, HostId{200}));
  EXPECT_FALSE(set.contains(HostId{5000}));
  set.clear();
  EXPECT_TRUE(set.empty());
}

TEST(HostSet, EqualityDoesNotDependOnHowItGrew) {
  HostSet grown = HostSet::of(HostId{500});
  grown.remove(HostId{500}).add(HostId{1});
  EXPECT_EQ(grown, HostSet::of(HostId{1}));
  EXPECT_EQ(HostSet::of(HostId{1}), grown);
  grown.remove(HostId{1});
  EXPECT_TRUE(grown.empty());
  EXPECT_EQ(grown, HostSet{});
}

TEST(HostSet, FirstIsDense) {
  EXPECT_TRUE(HostSet::first(0).empty());
  EXPECT_EQ(HostSet::first(130).size(), 130U);
  EXPECT_FALSE(HostSet::first(130).contains(HostId{130}));
}

TEST(HostSet, OperationsMatchThoseOfAnOrdinarySet) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    HostSet a;
    HostSet b;
    std::set<std::uint32_t> in_a;
    std::set<std::uint32_t> in_b;
    for (int i = 0; i < 30; ++i) {
      const std::uint32_t x = random() % 200;
      const std::uint32_t y = random() % 90;
      a.add(HostId{x});
      in_a.insert(x);
      b.add(HostId{y});
      in_b.insert(y);
    }
    for (std::uint32_t i = 0; i < 256; ++i) {
      const bool left = in_a.count(i) != 0;
      const bool right = in_b.count(i) != 0;
      ASSERT_EQ((a | b).contains(HostId{i}), left || right);
      ASSERT_EQ((a & b).contains(HostId{i}), left && right);
      ASSERT_EQ((a - b).contains(HostId{i}), left && !right);
      ASSERT_EQ((b - a).contains(HostId{i}), right && !left);
    }
  }
}

}  // namespace
}  // namespace bdsh
