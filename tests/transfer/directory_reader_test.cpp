#include "transfer/directory_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/fake_server.hpp"

namespace bdsh::transfer::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DirectoryReaderTest : public ::testing::Test {
 protected:
  FakeServer server_;
  DirectoryReader reader_{100};

  void begin() {
    reader_.begin();
    turn();
  }
  // One way and back; false: nothing was said.
  bool turn() {
    const std::string out = reader_.take_output();
    if (!out.empty()) reader_.receive(server_.take(out));
    return !out.empty();
  }
  DirectoryListing listing(const std::string& path) {
    reader_.list(path);
    for (int i = 0; i < 10'000 && turn();) ++i;
    auto done = reader_.take();
    EXPECT_TRUE(done.has_value());
    return done.value_or(DirectoryListing{});
  }
  static std::vector<std::string> names(const DirectoryListing& listing) {
    std::vector<std::string> names;
    for (const DirectoryEntry& entry : listing.entries) names.push_back(entry.name);
    return names;
  }
};

TEST_F(DirectoryReaderTest, ListsWhereTheServerStarts) {
  server_.files["b"] = {0100640, "four", {1, 77}};
  server_.files["a"] = {040755};
  begin();
  const DirectoryListing got = listing("");
  EXPECT_FALSE(got.problem);
  EXPECT_FALSE(got.cut);
  EXPECT_EQ(got.path, "/home");
  ASSERT_THAT(names(got), ElementsAre("a", "b"));
  EXPECT_EQ(got.entries[0].look, (FileLook{FileKind::directory, {}, 0755}));
  EXPECT_EQ(got.entries[1].look, (FileLook{FileKind::regular, 4, 0640}));
  EXPECT_EQ(got.entries[1].modified, 77U);
}

TEST_F(DirectoryReaderTest, ManyRequestsAreUnderWayAtOnce) {
  for (int i = 0; i < 40; ++i) server_.files["f" + std::to_string(i)] = {};
  begin();
  EXPECT_EQ(listing("").entries.size(), 40U);
  EXPECT_GE(server_.most_together, 4U);
}

TEST_F(DirectoryReaderTest, SaysWhyThereIsNone) {
  begin();
  const DirectoryListing got = listing("nowhere");
  ASSERT_TRUE(got.problem);
  EXPECT_EQ(got.problem->message, "no such file or directory");
  EXPECT_TRUE(listing("").entries.empty());  // and goes on
}

TEST_F(DirectoryReaderTest, OfALargeDirectoryAPartIsListed) {
  for (int i = 0; i < 150; ++i) server_.files["f" + std::to_string(i)] = {};
  begin();
  const DirectoryListing got = listing("");
  EXPECT_EQ(got.entries.size(), 100U);
  EXPECT_TRUE(got.cut);
  EXPECT_THAT(server_.seen, ::testing::Contains("close "));
}

TEST_F(DirectoryReaderTest, NamesThatLeadElsewhereAreLeftOut) {
  server_.listed[""] = {{"ok", {}}, {"../up", {}}, {"a/b", {}}, {std::string("n\0l", 3), {}}, {"\x1b[2J\xff", {}}};
  begin();
  const DirectoryListing got = listing("");
  EXPECT_THAT(names(got), ::testing::UnorderedElementsAre("ok", "\x1b[2J\xff"));
  EXPECT_TRUE(got.cut);
}

TEST_F(DirectoryReaderTest, AnotherListingTakesThePlaceOfTheFirst) {
  for (int i = 0; i < 40; ++i) server_.files["f" + std::to_string(i)] = {};
  server_.files["d"] = {040755};
  server_.files["d/x"] = {};
  begin();
  reader_.list("");
  for (const int turns : {1, 2}) {  // while it is opened, and while it is read
    for (int i = 0; i < turns; ++i) turn();
    EXPECT_FALSE(reader_.take());
    EXPECT_THAT(names(listing("d")), ElementsAre("x"));
    reader_.list("");
  }
  EXPECT_EQ(listing("").entries.size(), 41U);
  const auto count = [&](const std::string& what) {
    return std::count_if(server_.seen.begin(), server_.seen.end(),
                         [&](const std::string& line) { return line.starts_with(what); });
  };
  EXPECT_EQ(count("list"), count("close"));  // nothing stays open on the host
}

TEST_F(DirectoryReaderTest, ListsOnceTheChannelIsOpen) {
  server_.files["a"] = {};
  reader_.list("");
  EXPECT_EQ(reader_.take_output(), "");
  reader_.begin();
  while (turn()) continue;
  const auto got = reader_.take();
  ASSERT_TRUE(got);
  EXPECT_THAT(names(*got), ElementsAre("a"));
}

TEST_F(DirectoryReaderTest, AChannelThatIsLostFailsWhatIsRead) {
  begin();
  reader_.list("");
  EXPECT_TRUE(reader_.reading());
  reader_.broke_off({ErrorKind::lost, "connection reset"});
  auto got = reader_.take();
  ASSERT_TRUE(got && got->problem);
  EXPECT_EQ(got->problem->message, "connection reset");
  reader_.list("again");
  got = reader_.take();
  ASSERT_TRUE(got && got->problem);
  EXPECT_TRUE(reader_.broken());
}

TEST_F(DirectoryReaderTest, WhatIsNoSftpIsSaid) {
  reader_.begin();
  reader_.list("");
  reader_.receive("This account is currently not available.\r\n");
  const auto got = reader_.take();
  ASSERT_TRUE(got && got->problem);
  EXPECT_EQ(got->problem->kind, ErrorKind::protocol);
}

}  // namespace
}  // namespace bdsh::transfer::test
