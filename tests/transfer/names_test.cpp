#include "transfer/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bdsh::transfer {
namespace {

using ::testing::ElementsAre;

TEST(Names, WhatLeadsElsewhereHasNoLocalName) {
  for (const char* name : {"", ".", "..", "/", "a/b", "../a", "/etc/passwd"})
    EXPECT_FALSE(local_name(name)) << name;
  EXPECT_FALSE(local_name(std::string("a\0b", 3)));
  EXPECT_FALSE(local_name(std::string(256, 'x')));
  EXPECT_TRUE(local_name(std::string(255, 'x')));
}

TEST(Names, OthersKeepAllButControlCharacters) {
  EXPECT_EQ(local_name("..."), "...");
  EXPECT_EQ(local_name(".profile"), ".profile");
  EXPECT_EQ(local_name("-rf ~ $(x)"), "-rf ~ $(x)");
  EXPECT_EQ(local_name("a\x1b[31m\tb\x7f"), "a_[31m_b_");
  EXPECT_EQ(local_name("a\xC2\x9B" "b"), "a_b");          // a control character in UTF-8
  EXPECT_EQ(local_name("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
  EXPECT_EQ(local_name("latin\xFCx"), "latin\xFCx");
}

TEST(Names, Paths) {
  EXPECT_EQ(joined_path("", "a"), "a");
  EXPECT_EQ(joined_path("/", "a"), "/a");
  EXPECT_EQ(joined_path("a/", "b"), "a/b");
  EXPECT_EQ(joined_path("a", ""), "a");
  EXPECT_EQ(directory_of("/a/b"), "/a");
  EXPECT_EQ(directory_of("/a"), "/");
  EXPECT_EQ(directory_of("a"), "");
  EXPECT_EQ(directory_of("a/b/"), "a");
  EXPECT_EQ(base_name("a/b/"), "b");
  EXPECT_EQ(base_name("b"), "b");
  EXPECT_EQ(far_path("~/a/b"), "a/b");
  EXPECT_EQ(far_path("~"), ".");
  EXPECT_EQ(far_path("/x"), "/x");
  EXPECT_EQ(far_path("~//x"), "x");
  EXPECT_THAT(path_parts("/a//b"), ElementsAre("/", "a", "b"));
  EXPECT_THAT(path_parts("a/b/"), ElementsAre("a", "b"));
}

TEST(Names, PartsAreHiddenAndTellVersionsAndHostsApart) {
  const std::string part = part_name("file", version_of("web01", 10, 20));
  EXPECT_EQ(part, part_name("file", version_of("web01", 10, 20)));
  EXPECT_NE(part, part_name("file", version_of("web02", 10, 20)));
  EXPECT_NE(part, part_name("file", version_of("web01", 11, 20)));
  EXPECT_NE(part, part_name("file", version_of("web01", 10, 21)));
  EXPECT_TRUE(part.starts_with(".file."));
  EXPECT_LE(part_name(std::string(255, 'x'), 1).size(), 255U);
}

TEST(Names, Patterns) {
  EXPECT_TRUE(has_pattern("a/*.conf"));
  EXPECT_FALSE(has_pattern("a\\*b"));
  EXPECT_EQ(unescaped("a\\*b"), "a*b");
  EXPECT_TRUE(matches("*.con[f]", "a.conf"));
  EXPECT_FALSE(matches("*", ".hidden"));
  EXPECT_FALSE(matches("?", "ab"));
}

}  // namespace
}  // namespace bdsh::transfer
