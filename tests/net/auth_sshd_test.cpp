// Logging in to a real sshd by what only a user knows, and with an agent that many hosts share.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "net/bench.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class AuthSshd : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }
  // No key is at hand.
  static HostSpec spec(const Sshd& sshd) {
    HostSpec spec = sshd.spec();
    spec.identity_files.clear();
    return spec;
  }
  static bool asking(Bench& bench, std::size_t hosts, const std::string& text) {
    return bench.until([&] {
      for (std::uint32_t i = 0; i < hosts; ++i)
        if (!bench.host(i).asking() || bench.host(i).last().asking->text != text) return false;
      return true;
    });
  }
  static constexpr const char* kPassword = "PasswordAuthentication yes\nAuthenticationMethods password";
  static constexpr const char* kPam =
      "UsePAM yes\nKbdInteractiveAuthentication yes\nAuthenticationMethods keyboard-interactive";
};

TEST_F(AuthSshd, OnePasswordServesTwelveHostsAndAWrongOneIsAskedAgain) {
  const Sshd sshd(kPassword, Sshd::password("sesame"));
  Bench bench(std::vector<HostSpec>(12, spec(sshd)), batch("echo in"));
  bench.pool().start();
  const std::string user = spec(sshd).user;
  ASSERT_TRUE(asking(bench, 12, "password for " + user));
  bench.pool().answer(HostSet::first(12), Secret("wrong"), true);
  ASSERT_TRUE(asking(bench, 12, "wrong password, again for " + user));
  bench.pool().answer(HostSet::first(12), Secret("sesame"), true);
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(12); }));
  for (std::uint32_t i = 0; i < 12; ++i) EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
}

TEST_F(AuthSshd, ThreeWrongPasswordsAreEnough) {
  const Sshd sshd(kPassword, Sshd::password("sesame"));
  Bench bench({spec(sshd)}, batch("true"));
  bench.pool().start();
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
    const std::size_t seen = bench.host().statuses.size();
    bench.pool().answer(HostSet::of(HostId{0}), Secret("wrong"));
    ASSERT_TRUE(bench.until([&] { return bench.host().statuses.size() > seen + 1; }));
  }
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth);
  EXPECT_TRUE(contains(bench.host().error(), "password refused 3 times; the server takes password"))
      << bench.host().error();
}

TEST_F(AuthSshd, KeyboardInteractiveAsksThePlainPasswordAndThenACode) {
  const Sshd sshd(kPam, "ask hidden Password: \tsesame\nsay Look at your device\nask echo Code: \t123\n");
  Bench bench({spec(sshd)}, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  EXPECT_EQ(bench.host().last().asking->kind, Prompt::Kind::password);
  bench.pool().answer(HostSet::of(HostId{0}), Secret("sesame"), true);
  ASSERT_TRUE(bench.until([&] {
    return bench.host().asking() && bench.host().last().asking->kind == Prompt::Kind::challenge;
  }));
  const Prompt code = *bench.host().last().asking;
  EXPECT_FALSE(code.shared);
  EXPECT_TRUE(code.echo);
  EXPECT_EQ(code.says, "Look at your device\nCode:");
  bench.pool().answer(HostSet::of(HostId{0}), Secret("123"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

TEST_F(AuthSshd, AKeyAndThenACode) {
  const Sshd sshd("UsePAM yes\nKbdInteractiveAuthentication yes\n"
                  "AuthenticationMethods publickey,keyboard-interactive",
                  "ask echo Code: \t123\n");
  Bench bench({sshd.spec()}, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  EXPECT_EQ(bench.host().last().asking->says, "Code:");
  bench.pool().answer(HostSet::of(HostId{0}), Secret("123"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

// What ssh-keygen -l says of a key, without its size and comment: "ssh-ed25519 SHA256:…".
std::string words_of_key(const std::string& path) {
  const std::string line = read_text(path);
  const std::size_t blank = line.find(' ');
  return describe_key(
      *from_base64(line.substr(blank + 1, line.find_first_of(" \n", blank + 1) - blank - 1)));
}

TEST_F(AuthSshd, TheRecordSaysWhoTheHostWasAndWhatLetUsIn) {
  const Sshd sshd(
      "UsePAM yes\nKbdInteractiveAuthentication yes\n"
      "AuthenticationMethods publickey,keyboard-interactive password",
      "ask echo Code: \t123\n");
  Bench bench({sshd.spec()}, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  const std::string host_key = words_of_key(sshd.path("host_key.pub"));
  EXPECT_EQ(bench.host().logins, (std::vector<Login>{{host_key, "", "", ""}}));
  bench.pool().answer(HostSet::of(HostId{0}), Secret("123"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  ASSERT_EQ(bench.host().logins.size(), 2U);
  const Login in{host_key, "", "publickey,keyboard-interactive", words_of_key(sshd.path("id.pub"))};
  EXPECT_EQ(bench.host().logins.back(), in);
}

TEST_F(AuthSshd, AHostWithAnotherKeyIsOnRecordToo) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  make_key(sshd.path("other"), "ed25519");
  write_text(spec.user_known_hosts.front(),
             host_name(spec.address, spec.port) + " " + read_text(sshd.path("other.pub")));
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::host_key);
  EXPECT_EQ(bench.host().logins,
            (std::vector<Login>{{words_of_key(sshd.path("host_key.pub")), "", "", ""}}));
}

TEST_F(AuthSshd, WithNobodyToAskTheReasonSaysSo) {
  const Sshd sshd(kPassword, Sshd::password("sesame"));
  PoolOptions options = batch("true");
  options.mute = "no terminal to ask on";
  Bench bench({spec(sshd)}, options);
  bench.run_to_end();
  EXPECT_EQ(bench.host().error(), "login as " + spec(sshd).user +
                                      " refused: it takes no keys; nobody to ask: no terminal to ask "
                                      "on; the server takes password");
}

// Nobody is asked for the passphrase of a key that the server would not take.
TEST_F(AuthSshd, ALockedKeyTheServerDoesNotKnowIsNotAskedAbout) {
  const Sshd sshd;
  make_key(sshd.path("locked"), "ed25519", "open sesame");
  HostSpec locked = sshd.spec();
  locked.identity_files = {sshd.path("locked")};
  Bench bench({locked}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().times(HostState::waiting), 0);
  EXPECT_TRUE(contains(bench.host().error(), "1 key tried")) << bench.host().error();
}

class SharedAgent : public AuthSshd {
 protected:
  void SetUp() override {
    AuthSshd::SetUp();
    sshd_ = std::make_unique<Sshd>();
    socket_ = sshd_->path("agent");
    agent_ = std::make_unique<Child>(std::vector<std::string>{"ssh-agent", "-D", "-a", socket_});
    ASSERT_TRUE(wait_for_socket(socket_));
    run_program({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", sshd_->path("id")});
  }
  HostSpec spec() const {
    HostSpec spec = AuthSshd::spec(*sshd_);
    spec.identity_agent = socket_;
    return spec;
  }
  std::unique_ptr<Sshd> sshd_;
  std::string socket_;
  std::unique_ptr<Child> agent_;
};

// More hosts at once than the agent's queue has room for.
TEST_F(SharedAgent, NoneOfManyHostsIsLost) {
  constexpr std::size_t kHosts = 150;
  std::vector<HostSpec> specs(kHosts, spec());
  for (HostSpec& each : specs) each.connect_timeout = Millis{60'000};
  PoolOptions options = batch("echo in");
  options.parallel = static_cast<int>(kHosts);
  Bench bench(specs, options);
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(kHosts); }, 120'000));
  for (std::uint32_t i = 0; i < kHosts; ++i)
    EXPECT_EQ(bench.host(i).out, "in\n") << i << ": " << bench.host(i).error();
}

TEST_F(SharedAgent, TheKeyItSignedWithIsOnRecord) {
  Bench bench({spec()}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().logins.back().method, "publickey");
  EXPECT_EQ(bench.host().logins.back().key, words_of_key(sshd_->path("id.pub")));
}

TEST_F(SharedAgent, IsForwardedWhenAskedForAndSaysSo) {
  HostSpec forwarding = spec();
  forwarding.forward_agent = "yes";
  Bench bench({forwarding, spec()}, batch("ssh-add -l; ssh-add -D 2>&1; ssh-add -l"));
  bench.run_to_end(2);
  EXPECT_TRUE(contains(bench.host(0).out, "ED25519")) << bench.host(0).out << bench.host(0).err;
  // Only questions pass: the keys are still there after -D.
  EXPECT_TRUE(contains(bench.host(0).out, "Failed to remove all")) << bench.host(0).out;
  EXPECT_EQ(bench.host(0).last().exit, (ExitResult{0, ""}));
  EXPECT_TRUE(contains(bench.host(0).event_text(), "uses your SSH agent"));
  bool shown = false;
  for (const HostStatus& status : bench.host(0).statuses) shown = shown || status.forwards_agent;
  EXPECT_TRUE(shown);
  EXPECT_FALSE(bench.host(0).last().forwards_agent);
  EXPECT_EQ(bench.host(1).last().exit, (ExitResult{2, ""})) << bench.host(1).out;  // no agent there
}

}  // namespace
}  // namespace bdsh::net::test
