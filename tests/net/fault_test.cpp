// The pool against hosts that misbehave, each a real process or socket on loopback.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>

#include "net/bench.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

using ::testing::Test;

class FaultTest : public Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }
};

HostSpec at_port(std::uint16_t port, int timeout_ms = 5'000) {
  HostSpec spec;
  spec.name = spec.original = "fault";
  spec.address = "127.0.0.1";
  spec.port = port;
  spec.user = "root";
  spec.identity_agent = "none";
  spec.connect_timeout = Millis{timeout_ms};
  return spec;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Fault, RefusedPortIsAConnectError) {
  Listener listener;
  const auto port = listener.port();
  listener.close();
  Bench bench({at_port(port)}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::connect);
  EXPECT_EQ(bench.host().error(), "connection refused by 127.0.0.1 port " + std::to_string(port));
}

TEST(Fault, RefusedPortIsRetriedAsOftenAsAllowed) {
  Listener listener;
  const auto port = listener.port();
  listener.close();
  HostSpec spec = at_port(port);
  spec.max_retries = 1;
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_TRUE(contains(bench.host().event_text(), "trying again in")) << bench.host().event_text();
  EXPECT_TRUE(contains(bench.host().event_text(), "(1 of 1)"));
  EXPECT_EQ(bench.host().events.size(), 1U);
}

TEST(Fault, SilentHostTimesOut) {
  const Listener listener;
  Bench bench({at_port(listener.port(), 300)}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::timeout);
  EXPECT_EQ(bench.host().error(),
            "no answer while waiting for its SSH handshake (0.3 s allowed)");
}

TEST(Fault, GarbageInsteadOfABannerIsAnError) {
  const Listener listener;
  Bench bench({at_port(listener.port(), 1'000)}, batch("true"));
  bench.pool().start();
  bench.run_for(50);
  const int client = listener.accept();
  const std::string garbage(4'000, 'x');
  ASSERT_EQ(::write(client, garbage.data(), garbage.size()), 4'000);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_FALSE(bench.host().error().empty());
  ::close(client);
}

TEST(Fault, UnknownHostNameIsAResolveError) {
  HostSpec spec = at_port(22);
  spec.address = "no-such-host.invalid";
  Backend backend;
  backend.lookup = [](const std::string& name, HostSpec::Family) {
    return Result<Addresses>(Error{ErrorKind::resolve, "cannot resolve " + name});
  };
  Bench bench({spec}, batch("true"), std::move(backend));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::resolve);
  EXPECT_EQ(bench.host().last().step, ConnectStep::resolve);
}

TEST_F(FaultTest, SecondAddressIsTriedWhenTheFirstFails) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.address = "two.example";
  spec.host_key_policy = HostKeyPolicy::off;
  Backend backend;
  backend.lookup = [](const std::string&, HostSpec::Family family) {
    Addresses both = *look_up("127.0.0.77", family, true);  // nothing listens on this address
    both.push_back(look_up("127.0.0.1", family, true)->front());
    return Result<Addresses>(both);
  };
  Bench bench({spec}, batch("echo there"), std::move(backend));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "there\n") << bench.host().error();
}

TEST_F(FaultTest, UnknownKeyIsRefusedWhenStrict) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.user_known_hosts = {sshd.path("none")};
  spec.host_key_policy = HostKeyPolicy::strict;
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::host_key);
  EXPECT_TRUE(contains(bench.host().error(), "ssh-ed25519 SHA256:")) << bench.host().error();
  EXPECT_FALSE(std::filesystem::exists(sshd.path("none")));
}

TEST_F(FaultTest, UnknownKeyIsAcceptedAndRecordedOnce) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.user_known_hosts = {sshd.path("fresh/known_hosts")};
  spec.hash_known_hosts = true;
  for (int i = 0; i < 2; ++i) {
    Bench bench({spec}, batch("true"));
    bench.run_to_end();
    bench.run_for(50);
    EXPECT_EQ(bench.host().last().state, HostState::done) << bench.host().error();
    EXPECT_EQ(bench.host().events.size(), i == 0 ? 1U : 0U);
  }
  const std::string recorded = read_text(sshd.path("fresh/known_hosts"));
  EXPECT_TRUE(recorded.starts_with("|1|"));
  EXPECT_TRUE(recorded.ends_with(" " + sshd.host_key_line() + "\n"));
}

TEST_F(FaultTest, ChangedKeyIsAlwaysRefusedWithBothFingerprints) {
  const Sshd sshd;
  make_key(sshd.path("other"), "ed25519");
  std::string other = read_text(sshd.path("other.pub"));
  write_text(sshd.path("known_hosts"),
             "# a comment\n[127.0.0.1]:" + std::to_string(sshd.port()) + " " + other);
  for (const auto policy : {HostKeyPolicy::strict, HostKeyPolicy::accept_new, HostKeyPolicy::ask,
                            HostKeyPolicy::off}) {
    HostSpec spec = sshd.spec();
    spec.host_key_policy = policy;
    Bench bench({spec}, batch("true"));
    bench.run_to_end();
    const std::string error = bench.host().error();
    EXPECT_EQ(bench.host().last().error->kind, ErrorKind::host_key);
    EXPECT_TRUE(contains(error, "host key changed (" + sshd.path("known_hosts") + ":2)")) << error;
    EXPECT_TRUE(contains(error, "offered ssh-ed25519 SHA256:")) << error;
    EXPECT_TRUE(contains(error, "known ssh-ed25519 SHA256:")) << error;
  }
}

TEST_F(FaultTest, RevokedKeyIsRefused) {
  const Sshd sshd;
  write_text(sshd.path("revoked"), "@revoked * " + sshd.host_key_line() + "\n");
  HostSpec spec = sshd.spec();
  spec.global_known_hosts = {sshd.path("revoked")};
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::host_key);
  EXPECT_TRUE(contains(bench.host().error(), "revoked (" + sshd.path("revoked") + ":1)"));
}

TEST_F(FaultTest, AskWaitsBeyondTheTimeoutForYes) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.user_known_hosts = {sshd.path("asked")};
  spec.host_key_policy = HostKeyPolicy::ask;
  spec.connect_timeout = Millis{600};
  PoolOptions options = batch("echo in");
  options.parallel = 1;  // a host that asks must not keep the others out
  HostSpec known = sshd.spec("known");
  Bench bench({spec, known}, options);
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(0).asking() && bench.host(1).ended(); }));
  EXPECT_EQ(bench.host().last().asking->kind, Prompt::Kind::host_key);
  EXPECT_EQ(bench.host().last().state, HostState::waiting);
  bench.run_for(700);
  EXPECT_TRUE(bench.host().asking());
  bench.pool().answer(HostSet::of(HostId{0}), Secret("yes"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

TEST_F(FaultTest, AskGoesOnWhenTheServerLostPatience) {
  const Sshd sshd("LoginGraceTime 1");
  HostSpec spec = sshd.spec();
  spec.user_known_hosts = {sshd.path("asked")};
  spec.host_key_policy = HostKeyPolicy::ask;
  Bench bench({spec}, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  bench.run_for(1'500);
  bench.pool().answer(HostSet::of(HostId{0}), Secret("yes"));
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

TEST_F(FaultTest, AskAnsweredNoIsRefused) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.user_known_hosts = {sshd.path("asked")};
  spec.host_key_policy = HostKeyPolicy::ask;
  Bench bench({spec}, batch("true"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  bench.pool().answer(HostSet::of(HostId{0}), std::nullopt);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::host_key);
}

TEST_F(FaultTest, WrongKeyIsAnAuthError) {
  const Sshd sshd;
  make_key(sshd.path("wrong"), "ed25519");
  HostSpec spec = sshd.spec();
  spec.identity_files = {sshd.path("wrong"), sshd.path("missing")};
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth);
  EXPECT_TRUE(contains(bench.host().error(), "1 key tried; the server takes publickey"))
      << bench.host().error();
}

TEST_F(FaultTest, SecondKeyIsFoundByProbing) {
  const Sshd sshd;
  make_key(sshd.path("wrong"), "ecdsa");
  HostSpec spec = sshd.spec();
  spec.identity_files = {sshd.path("wrong"), sshd.path("id")};
  Bench bench({spec}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

TEST_F(FaultTest, RsaKeySignsOffTheLoop) {
  const Sshd sshd;
  make_key(sshd.path("rsa"), "rsa");
  std::filesystem::copy_file(sshd.path("rsa.pub"), sshd.path("authorized"),
                             std::filesystem::copy_options::overwrite_existing);
  std::vector<HostSpec> specs(5, sshd.spec());
  for (HostSpec& spec : specs) spec.identity_files = {sshd.path("rsa")};
  Bench bench(specs, batch("echo in"));
  bench.run_to_end(specs.size());
  for (std::uint32_t i = 0; i < specs.size(); ++i)
    EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
}

class EncryptedKey : public FaultTest {
 protected:
  void SetUp() override {
    FaultTest::SetUp();
    sshd_ = std::make_unique<Sshd>();
    make_key(sshd_->path("locked"), "ed25519", "open sesame");
    std::filesystem::copy_file(sshd_->path("locked.pub"), sshd_->path("authorized"),
                               std::filesystem::copy_options::overwrite_existing);
    HostSpec spec = sshd_->spec();
    spec.identity_files = {sshd_->path("locked")};
    bench_ = std::make_unique<Bench>(std::vector<HostSpec>(3, spec), batch("echo in"));
    bench_->pool().start();
    ASSERT_TRUE(bench_->until([&] { return all_asking(); }));
  }
  bool all_asking() {
    return bench_->host(0).asking() && bench_->host(1).asking() && bench_->host(2).asking();
  }
  std::unique_ptr<Sshd> sshd_;
  std::unique_ptr<Bench> bench_;
};

TEST_F(EncryptedKey, OnePassphraseServesAllHosts) {
  EXPECT_EQ(bench_->host(2).last().asking->kind, Prompt::Kind::passphrase);
  EXPECT_EQ(bench_->host(2).last().asking->subject, sshd_->path("locked"));
  bench_->pool().answer(HostSet::of(HostId{1}), Secret("open sesame"));
  ASSERT_TRUE(bench_->until([&] { return bench_->all_ended(3); }));
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(bench_->host(i).out, "in\n");
}

TEST_F(EncryptedKey, WrongPassphraseIsAskedAgain) {
  bench_->pool().answer(HostSet::of(HostId{0}), Secret("wrong"));
  ASSERT_TRUE(bench_->until([&] {
    const auto& asking = bench_->host(2).last().asking;
    return asking && contains(asking->text, "wrong passphrase");
  }));
  bench_->pool().answer(HostSet::of(HostId{0}), Secret("open sesame"));
  ASSERT_TRUE(bench_->until([&] { return bench_->all_ended(3); }));
  EXPECT_EQ(bench_->host(2).out, "in\n");
}

TEST_F(EncryptedKey, RefusedPassphraseFailsAll) {
  bench_->pool().answer(HostSet::of(HostId{0}), std::nullopt);
  ASSERT_TRUE(bench_->until([&] { return bench_->all_ended(3); }));
  EXPECT_EQ(bench_->host(2).last().error->kind, ErrorKind::auth);
  EXPECT_TRUE(contains(bench_->host(2).error(), "no passphrase given")) << bench_->host(2).error();
}

// A server that trusts an authority, and a key that it knows by a certificate alone.
class CertificateTest : public FaultTest {
 protected:
  void SetUp() override {
    FaultTest::SetUp();
    make_key(dir_.path("ca"), "ed25519");
    make_key(dir_.path("user"), "ed25519");
    sshd_ = std::make_unique<Sshd>("TrustedUserCAKeys " + dir_.path("ca.pub"));
    spec_ = sshd_->spec();
    spec_.identity_files = {dir_.path("user")};
    run_program({"ssh-keygen", "-q", "-s", dir_.path("ca"), "-I", "test", "-n", spec_.user, "-V", "+1h",
                 dir_.path("user.pub")});
  }
  std::string certificate() const { return dir_.path("user-cert.pub"); }
  const TempDir dir_;
  std::unique_ptr<Sshd> sshd_;
  HostSpec spec_;
};

TEST_F(CertificateTest, BesideTheKeyIsFound) {
  Bench bench({spec_}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

TEST_F(CertificateTest, IsTakenFromCertificateFile) {
  std::filesystem::rename(certificate(), dir_.path("elsewhere"));
  Bench without({spec_}, batch("true"));
  without.run_to_end();
  EXPECT_TRUE(contains(without.host().error(), "refused: 1 key tried")) << without.host().error();
  spec_.certificate_files = {dir_.path("no-such-file"), dir_.path("elsewhere")};
  Bench bench({spec_}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

// A certificate that the server refuses must not stand in the way of the key itself.
TEST_F(CertificateTest, RefusedOneLeavesTheKey) {
  const Sshd plain;
  HostSpec spec = plain.spec();
  make_key(dir_.path("other-ca"), "ed25519");
  run_program({"ssh-keygen", "-q", "-s", dir_.path("other-ca"), "-I", "test", "-n", spec.user,
               spec.identity_files[0] + ".pub"});
  Bench bench({spec}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
}

class AgentTest : public FaultTest {
 protected:
  void SetUp() override {
    FaultTest::SetUp();
    socket_ = sshd_.path("agent");
    agent_ = std::make_unique<Child>(std::vector<std::string>{"ssh-agent", "-D", "-a", socket_});
    ASSERT_TRUE(wait_for_socket(socket_));
    ::setenv("SSH_AUTH_SOCK", socket_.c_str(), 1);
    run_program({"ssh-add", "-q", sshd_.path("id")});
    ::unsetenv("SSH_AUTH_SOCK");
  }
  HostSpec spec(int timeout_ms = 10'000) const {
    HostSpec spec = sshd_.spec();
    spec.identity_files.clear();
    spec.identity_agent = socket_;
    spec.connect_timeout = Millis{timeout_ms};
    return spec;
  }
  void add_key(const std::string& name) const {
    make_key(sshd_.path(name), "ed25519");
    run_program({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", sshd_.path(name)});
  }
  const Sshd sshd_;
  std::string socket_;
  std::unique_ptr<Child> agent_;
};

TEST_F(AgentTest, LogsIn) {
  Bench bench(std::vector<HostSpec>(20, spec()), batch("echo in"));
  bench.run_to_end(20);
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
}

// More keys than a server hears: it hangs up after six.
TEST_F(AgentTest, OffersAFewOfManyKeysAndSaysSo) {
  run_program({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", "-D"});
  for (int i = 0; i < 8; ++i) add_key("extra" + std::to_string(i));
  Bench bench({spec()}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth);
  EXPECT_TRUE(contains(bench.host().error(), "refused: 5 keys tried")) << bench.host().error();
}

// ssh_config names a key by its public half; the private one is the agent's alone.
TEST_F(AgentTest, OffersTheNamedKeyFirst) {
  run_program({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", "-D"});
  for (int i = 0; i < 8; ++i) add_key("extra" + std::to_string(i));
  run_program({"env", "SSH_AUTH_SOCK=" + socket_, "ssh-add", "-q", sshd_.path("id")});
  HostSpec named = spec();
  std::filesystem::copy_file(sshd_.path("id.pub"), sshd_.path("held.pub"));
  named.identity_files = {sshd_.path("held")};
  HostSpec public_half = named;
  public_half.identity_files = {sshd_.path("held.pub")};
  public_half.identities_only = true;
  Bench bench({named, public_half}, batch("echo in"));
  bench.run_to_end(2);
  EXPECT_EQ(bench.host(0).out, "in\n") << bench.host(0).error();
  EXPECT_EQ(bench.host(1).out, "in\n") << bench.host(1).error();
}

TEST_F(AgentTest, IdentitiesOnlyKeepsOtherKeysHome) {
  HostSpec other = spec();
  make_key(sshd_.path("other"), "ed25519");
  std::filesystem::remove(sshd_.path("other"));
  other.identity_files = {sshd_.path("other")};
  other.identities_only = true;
  Bench bench({other}, batch("true"));
  bench.run_to_end();
  EXPECT_TRUE(contains(bench.host().error(), "no usable key")) << bench.host().error();
}

TEST_F(AgentTest, NoAgentAtTheOtherEndIsNamed) {
  const std::string path = sshd_.path("liar");
  const Child liar({"python3", "-c",
                    "import socket, sys, time\n"
                    "s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen()\n"
                    "c = s.accept()[0]; c.send(b'no agent here'); time.sleep(60)", path});
  for (int i = 0; i < 500 && !std::filesystem::exists(path); ++i) ::usleep(10'000);
  HostSpec lied_to = spec();
  lied_to.identity_agent = path;
  Bench bench({lied_to}, batch("true"));
  bench.run_to_end();
  EXPECT_TRUE(contains(bench.host().error(), "agent: it does not speak the agent protocol"))
      << bench.host().error();
}

TEST_F(AgentTest, FrozenAgentHoldsNobodyElse) {
  constexpr std::uint32_t kHosts = 36;  // four more than may be at an agent at once
  agent_->signal(SIGSTOP);
  std::vector<HostSpec> specs(kHosts, spec(2'000));
  specs.push_back(sshd_.spec());
  Bench bench(specs, batch("echo in"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(kHosts).ended(); }, 1'800));
  EXPECT_EQ(bench.host(kHosts).out, "in\n") << bench.host(kHosts).error();
  ASSERT_TRUE(bench.until([&] { return bench.all_ended(kHosts + 1); }, 6'000));
  int waited = 0;
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    const std::string error = bench.host(i).error();
    // Those who waited for their turn at it went on with what else there is.
    const bool passed_by = contains(error, "agent: it does not answer");
    EXPECT_TRUE(passed_by || error == "the SSH agent does not answer") << error;
    waited += passed_by ? 1 : 0;
  }
  EXPECT_EQ(waited, 4);
}

TEST_F(AgentTest, MissingAgentIsNamed) {
  HostSpec without = spec();
  without.identity_agent = sshd_.path("no-agent");
  Bench bench({without}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth);
  EXPECT_TRUE(contains(bench.host().error(), "agent: No such file")) << bench.host().error();
}

TEST_F(FaultTest, KilledServerMidOutputIsLostButDeliversWhatCame) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("echo begun; sleep 60"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().out == "begun\n"; }));
  sshd.kill_sessions(SIGKILL);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().state, HostState::disconnected);
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::lost);
  EXPECT_EQ(bench.host().out, "begun\n");
}

TEST_F(FaultTest, StoppedServerIsFoundByKeepalives) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.keepalive_interval = std::chrono::seconds{1};
  spec.keepalive_count_max = 1;
  Bench bench({spec}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  bench.run_for(3'500);  // answered keepalives keep it alive
  ASSERT_TRUE(bench.host().live());
  sshd.kill_sessions(SIGSTOP);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }, 8'000));
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::lost) << bench.host().error();
  sshd.kill_sessions(SIGKILL);
}

TEST_F(FaultTest, BackgroundProgramDoesNotHoldTheSession) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("sleep 20 & echo started"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }, 10'000));
  EXPECT_EQ(bench.host().last().exit, (ExitResult{0, ""}));
}

TEST_F(FaultTest, CommandTimeoutEndsTheSession) {
  const Sshd sshd;
  HostSpec spec = sshd.spec();
  spec.command_timeout = Millis{300};
  Bench bench({spec}, batch("echo begun; sleep 60"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::timeout);
  EXPECT_EQ(bench.host().last().state, HostState::failed);
}

TEST_F(FaultTest, StopWhileConnectingIsBounded) {
  const Sshd sshd;
  const Listener silent;
  std::vector<HostSpec> specs(10, sshd.spec());
  for (int i = 0; i < 5; ++i) specs.push_back(at_port(silent.port()));
  Bench bench(specs, batch("sleep 30"));
  bench.pool().start();
  bench.run_for(30);
  const auto before = Clock::now();
  bench.stop();
  EXPECT_LT(Clock::now() - before, Millis{2'000});
}

TEST_F(FaultTest, HungNameServerDoesNotHoldTheStop) {
  HostSpec spec = at_port(22);
  spec.address = "slow.example";
  Backend backend;
  auto release = std::make_shared<std::atomic<bool>>(false);
  backend.lookup = [release](const std::string&, HostSpec::Family) {
    while (!*release) ::usleep(1'000);
    return Result<Addresses>(Error{ErrorKind::resolve, "late"});
  };
  {
    Bench bench({spec}, batch("true"), std::move(backend));
    bench.pool().start();
    bench.run_for(30);
    const auto before = Clock::now();
    bench.stop();
    EXPECT_LT(Clock::now() - before, Millis{2'000});
  }
  *release = true;
}

TEST_F(FaultTest, NoCommonAlgorithmIsNamed) {
  const Sshd sshd("Ciphers aes256-ctr");
  HostSpec spec = sshd.spec();
  spec.ciphers = "aes128-ctr";
  Bench bench({spec}, batch("true"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::protocol);
  EXPECT_TRUE(contains(bench.host().error(), "aes256-ctr")) << bench.host().error();
}

TEST_F(FaultTest, MaxStartupsIsWaitedOut) {
  const Sshd sshd("MaxStartups 2:100:2");
  std::vector<HostSpec> specs(12, sshd.spec());
  Bench bench(specs, batch("echo in"));
  bench.run_to_end(specs.size());
  std::size_t turned_away = 0;
  for (std::uint32_t i = 0; i < specs.size(); ++i) {
    EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
    turned_away += bench.host(i).events.size();
  }
  EXPECT_GT(turned_away, 0U) << sshd.log();
}

TEST_F(FaultTest, RefusedPtyIsAChannelError) {
  const Sshd sshd("PermitTTY no");
  Bench bench({sshd.spec()}, shell());
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::channel) << bench.host().error();
}

TEST_F(FaultTest, ReconnectAfterALoss) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  sshd.kill_sessions(SIGKILL);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  bench.pool().start(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
}

}  // namespace
}  // namespace bdsh::net::test
