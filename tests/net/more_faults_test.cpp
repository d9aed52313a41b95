// Further hosts that misbehave (docs/connections.md has the table of all), and the network between.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "net/bad_cable.hpp"
#include "net/bench.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class MoreFaults : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }
  // The faulty one, and a good one that must not notice.
  static void expect_other_unharmed(Bench& bench) { EXPECT_EQ(bench.host(1).out, "in\n") << bench.host(1).error(); }
};

HostSpec at_port(std::uint16_t port, int timeout_ms) {
  HostSpec spec;
  spec.name = spec.original = "fault";
  spec.address = "127.0.0.1";
  spec.port = port;
  spec.user = "root";
  spec.identity_agent = "none";
  spec.connect_timeout = Millis{timeout_ms};
  return spec;
}

TEST_F(MoreFaults, AnEndlessBannerIsCutOff) {
  const Sshd sshd;
  const Listener listener;
  Bench bench({at_port(listener.port(), 2'000), sshd.spec()}, batch("echo in"));
  bench.pool().start();
  bench.run_for(50);
  const int client = listener.accept();
  const std::string line = "This server has much to say before it says SSH.\r\n";
  ASSERT_TRUE(bench.until([&] {
    (void)!::send(client, line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return bench.host(0).ended() && bench.host(1).ended();
  }));
  EXPECT_TRUE(contains(bench.host(0).error(), "handshake") || contains(bench.host(0).error(), "banner") ||
              contains(bench.host(0).error(), "version"))
      << bench.host(0).error();
  expect_other_unharmed(bench);
  ::close(client);
}

TEST_F(MoreFaults, AHangUpDuringTheKeyExchangeNamesTheStep) {
  const Sshd sshd;
  const Listener listener;
  Bench bench({at_port(listener.port(), 5'000), sshd.spec()}, batch("echo in"));
  bench.pool().start();
  bench.run_for(50);
  const int client = listener.accept();
  ASSERT_EQ(::write(client, "SSH-2.0-test\r\n", 14), 14);
  char first = 0;
  ASSERT_EQ(::recv(client, &first, 1, 0), 1);
  bench.run_for(100);
  ::close(client);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(2); }));
  EXPECT_EQ(bench.host(0).last().step, ConnectStep::handshake);
  EXPECT_TRUE(contains(bench.host(0).error(), "key exchange: ")) << bench.host(0).error();
  expect_other_unharmed(bench);
}

TEST_F(MoreFaults, TooManyFailuresAreNamed) {
  const Sshd sshd("MaxAuthTries 1");
  make_key(sshd.path("wrong"), "ed25519");
  make_key(sshd.path("wronger"), "ed25519");
  HostSpec spec = sshd.spec();
  spec.identity_files = {sshd.path("wrong"), sshd.path("wronger")};
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth);
  EXPECT_TRUE(contains(bench.host().error(), "Too many authentication failures")) << bench.host().error();
}

TEST_F(MoreFaults, AHostKilledWhileTheUserThinksIsConnectedToAgain) {
  const Sshd sshd("PasswordAuthentication yes\nAuthenticationMethods password", Sshd::password("sesame"));
  Bench bench({sshd.spec()}, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  sshd.kill_sessions(SIGKILL);
  bench.run_for(50);
  EXPECT_TRUE(bench.host().asking());
  bench.pool().answer(HostSet::of(HostId{0}), Secret("sesame"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

TEST_F(MoreFaults, ARefusedSessionNamesTheStep) {
  const Sshd sshd("MaxSessions 0");
  Bench bench({sshd.spec()}, shell());
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::channel);
  EXPECT_TRUE(contains(bench.host().error(), "MaxSessions")) << bench.host().error();
}

TEST_F(MoreFaults, ARefusedTerminalNamesTheStep) {
  const Sshd sshd("PermitTTY no");
  Bench bench({sshd.spec()}, shell());
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::channel);
  EXPECT_TRUE(contains(bench.host().error(), "terminal")) << bench.host().error();
}

TEST_F(MoreFaults, AForcedCommandRunsInPlaceOfTheUsers) {
  const Sshd sshd("ForceCommand echo only this");
  Bench bench({sshd.spec()}, batch("echo something else"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "only this\n");
  EXPECT_EQ(bench.host().last().exit, (ExitResult{0, ""}));
}

// The server process of the session goes, and with it the status it would have sent.
TEST_F(MoreFaults, AnEndWithoutAnExitStatusIsNoSuccess) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("echo begun $PPID; exec sleep 60"));
  bench.pool().start();
  const std::string& out = bench.host().out;
  ASSERT_TRUE(bench.until([&] { return out.ends_with('\n'); }));
  const pid_t sshd_of_session = std::stoi(out.substr(std::string("begun ").size()));
  ::kill(sshd_of_session, SIGTERM);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_TRUE(contains(out, "begun "));
  EXPECT_NE(bench.host().last().state, HostState::done);
}

class BadNetwork : public MoreFaults {
 protected:
  void SetUp() override {
    MoreFaults::SetUp();
    cable_ = BadCable::make({.lost = 0.03, .delay = Millis{20}, .jitter = Millis{10}});
    if (!cable_) GTEST_SKIP() << "NO network namespaces or TUN devices here: packet loss is NOT tested";
  }
  std::unique_ptr<BadCable> cable_;
};

// Packets are lost at random, late and out of order all the time, and in bursts; then for good.
TEST_F(BadNetwork, LostPacketsAreSurvivedAndSilenceIsFoundInTime) {
  const Sshd sshd("", "", {.address = cable_->far_address(), .netns = cable_->netns()});
  HostSpec spec = sshd.spec();
  spec.keepalive_interval = std::chrono::seconds{5};
  spec.keepalive_count_max = 1;
  Bench bench({spec}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); })) << bench.host().error();
  bench.pool().write(HostId{0}, "for i in $(seq 200); do seq 100; done; echo d\"on\"e\r");
  for (int i = 0; i < 3; ++i) {
    cable_->plug(false);
    bench.run_for(200);
    cable_->plug(true);
    bench.run_for(400);
  }
  ASSERT_TRUE(bench.until([&] { return contains(bench.host().out, "\ndone"); }, 30'000));
  EXPECT_GT(cable_->lost(), 10);
  EXPECT_GT(cable_->carried(), 100);
  cable_->plug(false);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }, 30'000));
  EXPECT_EQ(bench.host().last().state, HostState::disconnected);
  EXPECT_TRUE(bench.host().error().starts_with("connection lost: ")) << bench.host().error();
}

// What came through such a line is what was sent, byte for byte.
TEST_F(BadNetwork, NothingIsLostOrReordered) {
  const Sshd sshd("", "", {.address = cable_->far_address(), .netns = cable_->netns()});
  Bench bench({sshd.spec()}, batch("seq 60000"));
  bench.run_to_end();
  std::string numbers;
  for (int i = 1; i <= 60'000; ++i) numbers += std::to_string(i) + "\n";
  EXPECT_TRUE(bench.host().out == numbers) << bench.host().out.size() << " " << bench.host().error();
  EXPECT_GT(cable_->lost(), 0);
}

}  // namespace
}  // namespace bdsh::net::test
