#include "app/log_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace bdsh::app {
namespace {

using ::testing::ElementsAre;

class LogTextTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = "/tmp/bdsh-log-text-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::vector<std::string> lines_of(const std::string& bytes, std::uint64_t from = 0) {
    std::ofstream(folder_ / "out.log", std::ios::binary) << bytes;
    std::vector<std::string> lines;
    log_text(folder_ / "out.log", from)([&lines](const std::string& line) {
      lines.push_back(line);
      return true;
    });
    return lines;
  }
  std::filesystem::path folder_;
};

TEST_F(LogTextTest, LinesAreThoseOfABatchRun) {
  EXPECT_THAT(lines_of("one\r\n\x1b[31mtwo\x1b[0m\n\nopen"), ElementsAre("one", "two", "", "open"));
  EXPECT_THAT(lines_of("one\n"), ElementsAre("one"));
  EXPECT_THAT(lines_of(""), ElementsAre());
}

TEST_F(LogTextTest, BeginsWhereTheSessionDid) {
  EXPECT_THAT(lines_of("before\nafter\n", 7), ElementsAre("after"));
}

TEST_F(LogTextTest, ManyPiecesAreOneText) {
  std::string bytes;
  for (int i = 0; i < 50'000; ++i) bytes += "line " + std::to_string(i) + " \xc3\xa4\n";
  const auto lines = lines_of(bytes);
  ASSERT_EQ(lines.size(), 50'000U);
  for (int i = 0; i < 50'000; ++i)
    ASSERT_EQ(lines[static_cast<std::size_t>(i)], "line " + std::to_string(i) + " \xc3\xa4");
}

TEST_F(LogTextTest, StopsWhenNoMoreIsWanted) {
  std::ofstream(folder_ / "out.log") << "a\nb\nc\n";
  int taken = 0;
  log_text(folder_ / "out.log", 0)([&taken](const std::string&) { return ++taken < 2; });
  EXPECT_EQ(taken, 2);
}

TEST_F(LogTextTest, WithoutALogThereIsNothing) {
  int taken = 0;
  log_text(folder_ / "none", 0)([&taken](const std::string&) { return ++taken < 2; });
  EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace bdsh::app
