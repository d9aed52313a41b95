// Further hosts that misbehave (docs/connections.md has the table of all), and the network between.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

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

// A network namespace of the test's own, joined by a pair of virtual Ethernet devices, so that what
// happens on that line meets nobody else. Packets are lost while its far end is down; where the
// kernel has netem, delay and random loss come on top.
class BadNetwork : public MoreFaults {
 protected:
  void SetUp() override {
    MoreFaults::SetUp();
    if (::getuid() != 0 || !make()) GTEST_SKIP() << "NO network namespaces here: packet loss is NOT tested";
  }
  void TearDown() override {
    if (made_) run("ip netns delete " + name_);
  }
  static bool run(const std::string& command) {
    return std::system((command + " 2>/dev/null").c_str()) == 0;
  }
  bool make() {
    const int number = ::getpid() % 16'384;
    name_ = "bdsh" + std::to_string(number);
    near_ = "bdn" + std::to_string(number);
    // A network of its own in the range for measurements (RFC 2544): nobody's, and not that of a test
    // that runs beside this one.
    network_ = "198.18." + std::to_string(number / 64) + ".";
    first_ = number % 64 * 4;
    made_ = run("ip netns add " + name_);
    return made_ && run("ip link add " + near_ + " type veth peer name far netns " + name_) &&
           run("ip address add " + address(1) + "/30 dev " + near_) && run("ip link set " + near_ + " up") &&
           run("ip -n " + name_ + " address add " + address(2) + "/30 dev far") && cable(true) &&
           run("ip -n " + name_ + " link set lo up");
  }
  bool cable(bool plugged) const {
    return run("ip -n " + name_ + " link set far " + (plugged ? "up" : "down"));
  }
  std::string address(int host) const { return network_ + std::to_string(first_ + host); }

  std::string name_;
  std::string near_;
  std::string network_;
  int first_ = 0;
  bool made_ = false;
};

TEST_F(BadNetwork, LostPacketsAreSurvivedAndSilenceIsFoundInTime) {
  const Sshd sshd("", "", {.address = address(2), .netns = name_});
  if (!run("tc qdisc add dev " + near_ + " root netem delay 30ms 10ms loss 3%"))
    std::puts("NO netem in this kernel: delay and random loss are NOT tested, bursts of loss are");
  HostSpec spec = sshd.spec();
  spec.keepalive_interval = std::chrono::seconds{5};
  spec.keepalive_count_max = 1;
  Bench bench({spec}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); })) << bench.host().error();
  bench.pool().write(HostId{0}, "for i in $(seq 200); do seq 100; done; echo d\"on\"e\r");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(cable(false));
    bench.run_for(200);
    ASSERT_TRUE(cable(true));
    bench.run_for(400);
  }
  ASSERT_TRUE(bench.until([&] { return contains(bench.host().out, "\ndone"); }, 30'000));
  ASSERT_TRUE(cable(false));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }, 30'000));
  EXPECT_EQ(bench.host().last().state, HostState::disconnected);
  EXPECT_TRUE(bench.host().error().starts_with("connection lost: ")) << bench.host().error();
}

}  // namespace
}  // namespace bdsh::net::test
