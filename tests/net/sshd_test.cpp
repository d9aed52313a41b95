// The pool against a real sshd: what a user sees when hosts behave.
#include <gtest/gtest.h>

#include "net/bench.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

class SshdTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }
};

TEST_F(SshdTest, CommandSucceeds) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("echo out; echo err >&2"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "out\n");
  EXPECT_EQ(bench.host().err, "err\n");
  EXPECT_EQ(bench.host().last().state, HostState::done) << bench.host().error();
  EXPECT_EQ(bench.host().last().exit, (ExitResult{0, ""}));
}

TEST_F(SshdTest, CommandFailsWithStatus) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("exit 3"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().state, HostState::failed);
  EXPECT_EQ(bench.host().last().exit, (ExitResult{3, ""}));
}

TEST_F(SshdTest, CommandDiesBySignal) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("echo before; kill -KILL $$"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "before\n");
  EXPECT_EQ(bench.host().last().exit, (ExitResult{std::nullopt, "KILL"}));
}

TEST_F(SshdTest, ShellEchoesResizesAndExits) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  EXPECT_EQ(bench.host().last().state, HostState::running);
  ASSERT_TRUE(bench.pool().write(HostId{0}, "stty size; echo $TERM\r"));
  ASSERT_TRUE(bench.until([&] { return bench.host().out.find("24 80\r\nxterm-256color") != std::string::npos; }));
  bench.pool().resize(Size{Rows{50}, Cols{132}});
  ASSERT_TRUE(bench.pool().write(HostId{0}, "stty size\r"));
  ASSERT_TRUE(bench.until([&] { return bench.host().out.find("50 132\r\n") != std::string::npos; }));
  ASSERT_TRUE(bench.pool().write(HostId{0}, "exit 7\r"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().exit, (ExitResult{7, ""}));
  EXPECT_FALSE(bench.pool().write(HostId{0}, "x"));
}

}  // namespace
}  // namespace bdsh::net::test
