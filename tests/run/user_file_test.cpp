// Files where the user wants them: whole or not at all, for their owner alone, and never through a link.
#include "run/user_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include "temporary.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(UserFile, IsWrittenForItsOwnerAloneAndReplaced) {
  Temporary folder;
  const fs::path list = folder / "web.hosts";
  ASSERT_TRUE(write_user_file(list, "web01\ndeploy@[::1]:2222\n", Existing::replaced));
  EXPECT_EQ(content(list), "web01\ndeploy@[::1]:2222\n");
  EXPECT_EQ(mode(list), 0600U);
  fs::permissions(list, fs::perms::all);
  ASSERT_TRUE(write_user_file(list, "", Existing::replaced));
  EXPECT_EQ(content(list), "");
  EXPECT_EQ(mode(list), 0600U);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(UserFile, WhatIsThereCanBeKept) {
  Temporary folder;
  ASSERT_TRUE(write_user_file(folder / "text", "new\n", Existing::kept));
  const Status again = write_user_file(folder / "text", "other\n", Existing::kept);
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message, HasSubstr("text: is there already"));
  EXPECT_EQ(content(folder / "text"), "new\n");
}

TEST(UserFile, ALinkInItsPlaceIsNotFollowed) {
  Temporary folder;
  put(folder / "precious", "keep me\n");
  fs::create_symlink(folder / "precious", folder / "list");
  for (const Status& status :
       {check_user_file(folder / "list"), write_user_file(folder / "list", "web01\n", Existing::replaced)}) {
    ASSERT_FALSE(status);
    EXPECT_THAT(status.error().message, HasSubstr("symbolic link"));
    EXPECT_EQ(status.error().kind, ErrorKind::io);
  }
  EXPECT_EQ(content(folder / "precious"), "keep me\n");
  EXPECT_TRUE(fs::is_symlink(folder / "list"));
}

TEST(UserFile, ALinkUnderTheTemporaryNameIsNotFollowed) {
  Temporary folder;
  put(folder / "precious", "keep me\n");
  fs::create_symlink(folder / "precious", folder / ".list.new");
  ASSERT_TRUE(write_user_file(folder / "list", "web01\n", Existing::replaced));
  EXPECT_EQ(content(folder / "precious"), "keep me\n");
  EXPECT_EQ(content(folder / "list"), "web01\n");
}

TEST(UserFile, AFolderThatIsAnothersLinkIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "another user's link can only be made as root";
  Temporary folder;
  fs::create_directory(folder / "real");
  fs::create_symlink(folder / "real", folder / "link");
  ASSERT_TRUE(write_user_file(folder / "link" / "list", "web01\n", Existing::replaced));
  ASSERT_EQ(::lchown((folder / "link").c_str(), 65534, 65534), 0);
  const Status status = write_user_file(folder / "link" / "list", "web02\n", Existing::replaced);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("another user's"));
  EXPECT_EQ(content(folder / "real" / "list"), "web01\n");
}

TEST(UserFile, WhatCannotBeWrittenIsSaidBeforehand) {
  Temporary folder;
  EXPECT_TRUE(check_user_file(folder / "list"));
  EXPECT_FALSE(check_user_file(folder / "missing" / "list"));
  EXPECT_FALSE(check_user_file(folder.path()));
  EXPECT_FALSE(check_user_file("/dev/null"));
  EXPECT_FALSE(write_user_file("/dev/null", "web01\n", Existing::replaced));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_FALSE(fs::exists(folder / "list"));
}

}  // namespace
}  // namespace bdsh::run
