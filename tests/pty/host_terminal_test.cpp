#include "pty/host_terminal.hpp"

#include <gtest/gtest.h>

namespace bdsh::pty {
namespace {

TEST(HostTerminal, PrintsText) {
  CellTables tables;
  HostTerminal terminal(tables, {{Rows{4}, Cols{10}}});
  const FeedResult result = terminal.feed("hello\r\nworld");
  EXPECT_TRUE(result.damaged);
  EXPECT_EQ(terminal.line(0), "hello");
  EXPECT_EQ(terminal.line(1), "world");
  EXPECT_EQ(terminal.open_line(), 1U);
}

}  // namespace
}  // namespace bdsh::pty
