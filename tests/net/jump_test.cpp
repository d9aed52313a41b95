// Jump hosts and proxy commands against real sshds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "net/bench.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

int logins(const Sshd& sshd) {
  const std::string log = sshd.log();
  int count = 0;
  for (std::size_t at = 0; (at = log.find("Accepted publickey", at)) != std::string::npos; ++at) ++count;
  return count;
}

HostSpec behind(const Sshd& sshd, std::vector<HostSpec> jumps, const std::string& name = "host") {
  HostSpec spec = sshd.spec(name);
  spec.jumps = std::move(jumps);
  return spec;
}

class JumpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }
};

TEST_F(JumpTest, ManyHostsShareOneConnection) {
  const Sshd bastion;
  const Sshd sshd;
  Bench bench(std::vector<HostSpec>(40, behind(sshd, {bastion.spec("bastion")})), batch("echo in"));
  bench.run_to_end(40);
  for (std::uint32_t i = 0; i < 40; ++i) EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
  EXPECT_EQ(logins(bastion), 1);
  EXPECT_EQ(logins(sshd), 40);
}

TEST_F(JumpTest, AChainIsWalkedInOrder) {
  const Sshd outer;
  const Sshd inner;
  const Sshd sshd;
  Bench bench({behind(sshd, {outer.spec("outer"), inner.spec("inner")}, "a"),
               behind(sshd, {outer.spec("outer")}, "b")},
              batch("echo in"));
  bench.run_to_end(2);
  EXPECT_EQ(bench.host(0).out, "in\n") << bench.host(0).error();
  EXPECT_EQ(bench.host(1).out, "in\n") << bench.host(1).error();
  EXPECT_EQ(logins(outer), 1);
  EXPECT_EQ(logins(inner), 1);
}

TEST_F(JumpTest, MuchDataGoesThroughBothWays) {
  const Sshd bastion("RekeyLimit 1M");
  const Sshd sshd;
  Bench bench({behind(sshd, {bastion.spec("bastion")})}, batch("cat"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  std::string sent;
  for (int i = 0; sent.size() < 6'000'000; ++i) sent += std::to_string(i) + "\n";
  for (std::size_t at = 0; at < sent.size();) {
    const auto part = std::string_view(sent).substr(at, 60'000);
    if (bench.pool().write(HostId{0}, part)) at += part.size();
    ASSERT_FALSE(bench.host().ended()) << bench.host().error();
    bench.run_for(1);
  }
  bench.pool().end_input(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }, 60'000));
  EXPECT_EQ(bench.host().out.size(), sent.size()) << bench.host().error();
  EXPECT_TRUE(bench.host().out == sent);
}

// A host that is not read fills its own channel and nobody else's.
TEST_F(JumpTest, AHeldHostHoldsNobodyElse) {
  const Sshd bastion;
  const Sshd sshd;
  const HostSpec spec = behind(sshd, {bastion.spec("bastion")});
  Bench bench({spec, spec}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(0).live() && bench.host(1).live(); }));
  bench.pool().hold(HostId{0}, true);
  bench.pool().write(HostId{0}, "yes | head -c 8000000; echo o\"v\"er\r");
  bench.run_for(300);
  const auto typed = Clock::now();
  bench.pool().write(HostId{1}, "echo $((6*7))\r");
  ASSERT_TRUE(bench.until([&] { return bench.host(1).out.find("42") != std::string::npos; }));
  EXPECT_LT(Clock::now() - typed, Millis{2'000});
  bench.pool().hold(HostId{0}, false);
  ASSERT_TRUE(bench.until([&] { return bench.host(0).out.find("over") != std::string::npos; }, 60'000));
  EXPECT_GT(bench.host(0).out.size(), 8'000'000U);
}

TEST_F(JumpTest, AFailureIsToldOnceWithTheHostsItTakesAlong) {
  const Sshd sshd;
  HostSpec bastion = sshd.spec("bastion");
  bastion.port = Listener().port();  // closed again
  Bench bench({behind(sshd, {bastion}, "web1"), behind(sshd, {bastion}, "web2"), sshd.spec("db")},
              batch("echo in"));
  bench.run_to_end(3);
  for (std::uint32_t i = 0; i < 2; ++i) {
    ASSERT_TRUE(bench.host(i).last().error);
    EXPECT_EQ(bench.host(i).last().error->kind, ErrorKind::jump);
    EXPECT_THAT(bench.host(i).error(), HasSubstr("jump host bastion: connection refused by 127.0.0.1"));
  }
  EXPECT_EQ(bench.host(2).out, "in\n");
  EXPECT_THAT(bench.recorder().run_events,
              MatchesRegex("jump host bastion: connection refused by [^\n]*; with it web\\[1-2\\]\n"));
}

TEST_F(JumpTest, ALoginThatIsRefusedThere) {
  const Sshd bastion;
  const Sshd sshd;
  HostSpec way = bastion.spec("bastion");
  way.identity_files.clear();
  Bench bench({behind(sshd, {way})}, batch("echo in"));
  bench.run_to_end();
  EXPECT_THAT(bench.host().error(), HasSubstr("jump host bastion: "));
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::jump);
}

TEST_F(JumpTest, ItsHostKeyIsAskedAboutByTheHostsBehindIt) {
  const Sshd bastion;
  const Sshd sshd;
  HostSpec way = bastion.spec("bastion");
  way.user_known_hosts = {bastion.path("none_yet")};
  way.host_key_policy = HostKeyPolicy::ask;
  Bench bench({behind(sshd, {way}), behind(sshd, {way})}, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(0).asking() && bench.host(1).asking(); }));
  EXPECT_THAT(bench.host(1).last().asking->text, HasSubstr("jump host bastion: "));
  bench.pool().answer(HostSet::of(HostId{1}), Secret("yes"));
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  EXPECT_EQ(bench.host(0).out, "in\n") << bench.host(0).error();
  EXPECT_EQ(bench.host(1).out, "in\n") << bench.host(1).error();
  EXPECT_EQ(read_text(bastion.path("none_yet")),
            "[127.0.0.1]:" + std::to_string(bastion.port()) + " " + bastion.host_key_line() + "\n");
}

TEST_F(JumpTest, AnUnknownHostKeyThereIsRefusedWhenStrict) {
  const Sshd bastion;
  const Sshd sshd;
  HostSpec way = bastion.spec("bastion");
  way.user_known_hosts = {bastion.path("none_yet")};
  way.host_key_policy = HostKeyPolicy::strict;
  Bench bench({behind(sshd, {way})}, batch("echo in"));
  bench.run_to_end();
  EXPECT_THAT(bench.host().error(), HasSubstr("jump host bastion: "));
  EXPECT_EQ(logins(bastion), 0);
}

TEST_F(JumpTest, WhenItDiesItsHostsAreLostAndCanComeBack) {
  const Sshd bastion;
  const Sshd sshd;
  const HostSpec spec = behind(sshd, {bastion.spec("bastion")});
  Bench bench({spec, spec}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(0).live() && bench.host(1).live(); }));
  bastion.kill_sessions(SIGKILL);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(bench.host(i).last().state, HostState::disconnected);
    EXPECT_THAT(bench.host(i).error(), HasSubstr("jump host bastion: connection lost"));
  }
  EXPECT_EQ(std::ranges::count(bench.recorder().run_events, '\n'), 1) << bench.recorder().run_events;
  bench.pool().start(HostId{1});
  ASSERT_TRUE(bench.until([&] { return bench.host(1).live(); }));
}

TEST_F(JumpTest, OneThatForwardsNothingSaysSo) {
  const Sshd bastion("AllowTcpForwarding no");
  const Sshd sshd;
  Bench bench({behind(sshd, {bastion.spec("bastion")})}, batch("echo in"));
  bench.run_to_end();
  EXPECT_THAT(bench.host().error(), HasSubstr("jump host bastion cannot reach 127.0.0.1 port"));
  EXPECT_THAT(bench.host().error(), HasSubstr("it does not allow connections to other hosts"));
}

TEST_F(JumpTest, AHostThatRefusesTheJumpHost) {
  const Sshd bastion;
  const Sshd sshd;
  HostSpec closed = behind(sshd, {bastion.spec("bastion")});
  closed.port = Listener().port();
  Bench bench({closed, behind(sshd, {bastion.spec("bastion")})}, batch("echo in"));
  bench.run_to_end(2);
  EXPECT_THAT(bench.host(0).error(), HasSubstr("Connection refused"));
  EXPECT_EQ(bench.host(0).last().error->kind, ErrorKind::connect);
  EXPECT_EQ(bench.host(1).out, "in\n") << bench.host(1).error();
}

TEST_F(JumpTest, ProxyCommandIsTheConnection) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.address = "nowhere.invalid";
  spec.host_key_alias = "[127.0.0.1]:" + std::to_string(sshd.port());
  spec.proxy_command = "/usr/sbin/sshd -i -f " + sshd.path("config");
  Bench bench({spec, spec}, batch("echo in; exit 4"));
  bench.run_to_end(2);
  EXPECT_EQ(bench.host(0).out, "in\n") << bench.host(0).error();
  EXPECT_EQ(bench.host(1).last().exit, (ExitResult{4, ""}));
}

TEST_F(JumpTest, ProxyCommandThatFailsIsTheReason) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.proxy_command = "sh -c 'printf \"no \\033[31mway\\n\" >&2; exit 3'";
  Bench bench({spec}, batch("echo in"));
  bench.run_to_end();
  EXPECT_THAT(bench.host().error(), HasSubstr("the ProxyCommand ended"));
  EXPECT_THAT(bench.host().error(), HasSubstr("way"));
  EXPECT_THAT(bench.host().event_text(), HasSubstr("ProxyCommand: no "));
  EXPECT_EQ(bench.host().event_text().find('\033'), std::string::npos);
}

TEST_F(JumpTest, ProxyCommandIsEndedWithItsHost) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.proxy_command = "sh -c 'echo $$ > " + sshd.path("pid") + "; trap \"\" HUP; sleep 300'";
  spec.connect_timeout = Millis{400};
  Bench bench({spec}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::timeout);
  const pid_t pid = std::stoi("0" + read_text(sshd.path("pid")));
  ASSERT_GT(pid, 1);
  EXPECT_TRUE(bench.until([&] { return ::kill(pid, 0) != 0; }, 5'000));
}

}  // namespace
}  // namespace bdsh::net::test
