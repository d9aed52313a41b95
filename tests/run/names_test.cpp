#include "run/names.hpp"

#include <gmock/gmock.h>

namespace bdsh::run {
namespace {

using testing::ElementsAre;

TEST(SafeName, KeepsWhatIsSafeAndReplacesTheRest) {
  const struct {
    std::string name;
    const char* safe;
  } table[] = {
      {"web01.example.org", "web01.example.org"},
      {"user@c:2222", "user@c_2222"},
      {"[::1]:22", "___1__22"},
      {"../../etc/passwd", "_._.._etc_passwd"},
      {".", "_"},
      {"..", "__"},
      {"-rf", "_rf"},
      {".keep", "_keep"},
      {"a b\n$(x)`'\"*", "a_b___x_____"},
      {std::string("a\0b", 3), "a_b"},
      {"höst", "h__st"},
      {"host.", "host_"},
      {"", "_"},
  };
  for (const auto& row : table) {
    const std::string safe = safe_name(row.name);
    EXPECT_TRUE(plain_folder(safe)) << safe;
    EXPECT_EQ(safe.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789._-@+"),
              std::string::npos);
    EXPECT_NE(safe.front(), '.');
    EXPECT_NE(safe.front(), '-');
    EXPECT_EQ(safe, row.safe);
  }
  EXPECT_EQ(safe_name(std::string(300, 'x')).size(), 80U);
}

TEST(FolderNames, AreUniqueAlsoWithoutCase) {
  EXPECT_THAT(folder_names({"web", "WEB", "Web"}), ElementsAre("web", "WEB-2", "Web-3"));
}

TEST(FolderNames, ASafeNameKeepsItsOwnFolderWhoeverComesFirst) {
  EXPECT_THAT(folder_names({"a:1", "a_1", "a_1-2", "a/1"}),
              ElementsAre("a_1-3", "a_1", "a_1-2", "a_1-4"));
}

TEST(FolderNames, NeverTakeTheRunDirectorysOwnNames) {
  EXPECT_THAT(
      folder_names({"run.yaml", "events.log", "replay", "NUL", "com1.lan", "resize.log"}),
      ElementsAre("_run.yaml", "_events.log", "_replay", "_NUL", "_com1.lan", "_resize.log"));
}

TEST(FolderNames, LongNamesWithOneBeginningStayApart) {
  const std::string begin(100, 'h');
  EXPECT_THAT(folder_names({begin + "1", begin + "2"}),
              ElementsAre(begin.substr(0, 80), begin.substr(0, 80) + "-2"));
}

TEST(PlainFolder, RefusesWhateverLeadsOut) {
  for (const char* bad : {"", ".", "..", "a/b", "/etc", "../x"}) EXPECT_FALSE(plain_folder(bad));
  EXPECT_TRUE(plain_folder("web01"));
}

}  // namespace
}  // namespace bdsh::run
