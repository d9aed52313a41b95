#include "consensus/columns.hpp"

#include <gmock/gmock.h>

namespace bdsh::consensus {
namespace {

using testing::ElementsAre;

std::vector<HostLine> lines(const std::vector<std::string>& texts) {
  std::vector<HostLine> all;
  for (std::uint32_t i = 0; i < texts.size(); ++i) all.push_back({HostId{i}, texts[i]});
  return all;
}

TEST(Columns, KnowNumbersFromNames) {
  EXPECT_EQ(number_in("42"), 42);
  EXPECT_EQ(number_in("-3.5"), -3.5);
  EXPECT_EQ(number_in("97%"), 97);
  EXPECT_EQ(number_in("1.5G"), 1.5 * 1024 * 1024 * 1024);
  EXPECT_EQ(number_in("4Ki"), 4096);
  EXPECT_EQ(number_in("500ms"), 0.5);
  EXPECT_EQ(number_in("used=12,"), 12);
  EXPECT_EQ(number_in("0.16,"), 0.16);
  for (const char* word : {"", "-", "+", "=", "web01", "10:30", "10.0.0.1", "1.2.3", "2026-11-22",
                           "3x", "inf", "nan", "1e5", "/dev/vda1"})
    EXPECT_FALSE(number_in(word).has_value()) << word;
}

TEST(Columns, ValuesAreShownWithoutTheListsCommas) {
  const auto columns = distributions(lines({"load: 0.16, 0.20; 1", "load: 0.18, 0.21; 2"}));
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(columns[0].values[1].text, "0.18");
  EXPECT_EQ(columns[1].values[0].text, "0.20");
}

TEST(Columns, OfDfAcrossHosts) {
  const auto columns = distributions(lines(
      {"/dev/vda 16G 5.0G 11G 31% /", "/dev/vda 16G 5.1G 11G 32% /", "/dev/sda 16G 5.2G 11G 33% /",
       "/dev/vda 16G 5.0G 11G 31% /", "/dev/vda 16G  15G 1.0G 94% /"}));
  ASSERT_EQ(columns.size(), 4U);
  const Distribution& use = columns[3];
  EXPECT_EQ(use.column, 4U);
  EXPECT_EQ(use.min, 31);
  EXPECT_EQ(use.median, 32);
  EXPECT_EQ(use.max, 94);
  EXPECT_EQ(use.outliers, HostSet::of(HostId{4}));
  EXPECT_EQ(use.values.front().host, HostId{0});
  EXPECT_EQ(use.values[1].host, HostId{3});
  EXPECT_EQ(use.values.back().text, "94%");
  EXPECT_TRUE(columns[0].outliers.empty()) << "all hosts have 16G";
}

TEST(Columns, MostHostsMustShowANumber) {
  EXPECT_TRUE(distributions(lines({"load 1", "load -", "load -"})).empty());
  EXPECT_TRUE(distributions(lines({"load 1"})).empty());
  EXPECT_TRUE(distributions({}).empty());
  EXPECT_EQ(distributions(lines({"load 1", "load 2", "load -"})).size(), 1U);
}

TEST(Columns, OfLinesThatDifferInLengthGoByTheWordBefore) {
  const auto columns = distributions(lines(
      {" 10:30:01 up 3 days,  2:03,  1 user,  load average: 0.10, 0.20, 0.30",
       " 10:30:02 up  2:03,  2 users,  load average: 1.10, 0.20, 0.40",
       " 10:30:02 up 44 min,  5 users,  load average: 9.10, 0.50, 0.50"}));
  ASSERT_GE(columns.size(), 3U);
  const Distribution& load = columns[columns.size() - 3];
  EXPECT_EQ(load.column, 9U);
  EXPECT_EQ(load.min, 0.1);
  EXPECT_EQ(load.median, 1.1);
  EXPECT_EQ(load.max, 9.1);
  EXPECT_EQ(load.values.size(), 3U);
}

TEST(Columns, AreDrawn) {
  const auto columns = distributions(lines({"0", "1", "1", "2", "8"}));
  ASSERT_EQ(columns.size(), 1U);
  EXPECT_THAT(columns[0].histogram(4), ElementsAre(3, 1, 0, 1));
  EXPECT_EQ(sparkline(columns[0].histogram(4)), "█▃ ▃");
  EXPECT_EQ(sparkline({}), "");
  EXPECT_THAT(distributions(lines({"5", "5"}))[0].histogram(3), ElementsAre(2, 0, 0));
}

}  // namespace
}  // namespace bdsh::consensus
