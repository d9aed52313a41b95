#include "config/host_expression.hpp"

#include <gmock/gmock.h>

#include <random>
#include <set>

#include "config/support.hpp"
#include "core/fold.hpp"

namespace bdsh::config {
namespace {

Result<std::vector<Target>> groups(const std::string& name) {
  if (name == "web") return std::vector<Target>{{"", "w1", {}}, {"", "w2", {}}};
  if (name == "db") return std::vector<Target>{{"", "d1", {}}};
  return Error{ErrorKind::usage, "unknown group '" + name + "'"};
}

const HostLookup kLookup{
    groups,
    [] { return std::vector<Target>{{"", "web1", {}}, {"", "web2", {}}, {"bob", "db1", 22}}; },
    [](const std::string& path) -> Result<std::vector<Target>> {
      if (path != "/hosts") return Error{ErrorKind::usage, path + ": not there"};
      return std::vector<Target>{{"", "f1", {}}, {"", "f2", {}}};
    }};

std::string shown(const std::vector<Target>& targets) {
  std::string out;
  for (const Target& t : targets) {
    if (!out.empty()) out += ' ';
    if (!t.user.empty()) out += t.user + "@";
    out += t.host.find(':') != std::string::npos ? "[" + t.host + "]" : t.host;
    if (t.port) out += ":" + std::to_string(*t.port);
  }
  return out;
}

TEST(HostExpression, Cases) {
  for (const Case& c : read_cases("host_expressions.txt")) {
    const auto hosts = expand_hosts(c.input, kLookup);
    if (c.fails) {
      ASSERT_FALSE(hosts.ok()) << "line " << c.line << ": " << c.input;
      EXPECT_THAT(hosts.error().message, testing::HasSubstr(c.expected)) << "line " << c.line;
      EXPECT_EQ(hosts.error().kind, ErrorKind::config);
    } else {
      ASSERT_TRUE(hosts.ok()) << "line " << c.line << ": " << hosts.error().message;
      EXPECT_EQ(shown(*hosts), c.expected) << "line " << c.line << ": " << c.input;
    }
  }
}

TEST(HostExpression, ExactlyTheLimitExpands) {
  EXPECT_EQ(expand_hosts("n[1-100000]")->size(), kMaxHosts);
}

TEST(HostExpression, LongTextIsShownAroundTheColumn) {
  const std::string long_list = std::string(5000, 'a') + ";";
  const auto hosts = expand_hosts(long_list);
  ASSERT_FALSE(hosts.ok());
  EXPECT_LT(hosts.error().message.size(), 200U);
  EXPECT_THAT(hosts.error().message, testing::HasSubstr("column 5001"));
}

TEST(HostExpression, WhatIsNotLookedUpIsAnError) {
  for (const char* text : {"@web", "web*", "^/hosts", "a,^./hosts"})
    EXPECT_FALSE(expand_hosts(text).ok()) << text;
  EXPECT_TRUE(expand_hosts("web1!web*").ok()) << "selecting needs no lookup";
}

TEST(HostExpression, HostileListsStayLinear) {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "a!b";  // one "!" too many, found at the 101st
  EXPECT_FALSE(expand_hosts(many).ok());
  std::string repeated;
  for (int i = 0; i < 200'000; ++i) repeated += "a,";
  EXPECT_FALSE(expand_hosts(repeated).ok()) << "work is bounded before duplicates are dropped";
  EXPECT_FALSE(expand_hosts(std::string(100'000, '{')).ok());
  std::string nested = "a";
  for (int i = 0; i < 14; ++i) nested = "{" + nested + "," + nested + "}" ;
  EXPECT_TRUE(expand_hosts(nested).ok()) << "16,384 times the same host";
}

TEST(HostFilter, MatchesByNameUserPortAndWildcard) {
  const auto filter = HostFilter::parse("web*,bob@db1,cache:11211");
  ASSERT_TRUE(filter.ok());
  EXPECT_TRUE(filter->matches("", "web17", {}));
  EXPECT_TRUE(filter->matches("bob", "db1", 22));
  EXPECT_FALSE(filter->matches("amy", "db1", 22));
  EXPECT_TRUE(filter->matches("amy", "cache", 11211));
  EXPECT_FALSE(filter->matches("amy", "cache", 22));
  EXPECT_FALSE(filter->matches("amy", "aweb1", 22));
}

TEST(Fold, Cases) {
  for (const Case& c : read_cases("folds.txt"))
    EXPECT_EQ(fold_names(words(c.input)), c.expected) << "line " << c.line;
}

// What is folded expands to the same set, whatever the names.
TEST(Fold, ExpandsToTheSameSet) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::set<std::string> names;
    const int count = static_cast<int>(random() % 30) + 1;
    for (int i = 0; i < count; ++i) {
      std::string name(1, static_cast<char>('a' + random() % 2));
      for (unsigned part = 0; part < random() % 3 + 1; ++part) {
        name += std::string(random() % 3, '0') + std::to_string(random() % 120);
        name += static_cast<char>('p' + random() % 2);
      }
      names.insert(name);
    }
    const std::string folded = fold_names(std::vector<std::string>(names.begin(), names.end()));
    const auto expanded = expand_hosts(folded);
    ASSERT_TRUE(expanded.ok()) << folded << ": " << expanded.error().message;
    std::set<std::string> back;
    for (const Target& t : *expanded) back.insert(t.host);
    EXPECT_EQ(back, names) << folded;
  }
}

}  // namespace
}  // namespace bdsh::config
