// The pool against a real sshd: what a user sees when hosts behave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

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

TEST_F(SshdTest, InputIsFannedInAndEnds) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("wc -c"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  ASSERT_TRUE(bench.pool().write(HostId{0}, std::string(200'000, 'x')));
  bench.pool().end_input(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "200000\n");
}

TEST_F(SshdTest, EnvironmentIsSent) {
  const Sshd sshd("AcceptEnv FLAVOUR");
  HostSpec spec = sshd.spec();
  spec.environment = {{"NOT_TAKEN", "1"}, {"FLAVOUR", "lime"}};
  Bench bench({spec}, batch("echo $FLAVOUR$NOT_TAKEN"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "lime\n") << bench.host().error();
}

// What ssh_config says of a connection, as the server sees it.
TEST_F(SshdTest, AlgorithmsCompressionAndOwnAddressAreUsed) {
  const Sshd sshd("LogLevel DEBUG1");
  HostSpec spec = sshd.spec();
  spec.kex_algorithms = "ecdh-sha2-nistp384,curve25519-sha256";
  spec.host_key_algorithms = "ssh-ed25519";
  spec.ciphers = "aes192-ctr";
  spec.macs = "hmac-sha2-512";
  spec.pubkey_algorithms = "ssh-ed25519";
  spec.compression = true;
  spec.bind_address = "127.0.0.9";
  spec.family = HostSpec::Family::inet;
  spec.remote_command = "echo remote";
  PoolOptions options;
  options.pty = false;  // and no command of the run's
  Bench bench({spec}, options);
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "remote\n") << bench.host().error();
  const std::string log = sshd.log();
  for (const char* line : {"kex: algorithm: ecdh-sha2-nistp384", "kex: host key algorithm: ssh-ed25519",
                           "kex: client->server cipher: aes192-ctr MAC: hmac-sha2-512 compression: zlib",
                           "kex: server->client cipher: aes192-ctr MAC: hmac-sha2-512 compression: zlib",
                           "Connection from 127.0.0.9 port"})
    EXPECT_NE(log.find(line), std::string::npos) << line;
}

TEST_F(SshdTest, AlgorithmsOfTheUserAreNotWidened) {
  const Sshd sshd("PubkeyAcceptedAlgorithms ssh-ed25519");
  HostSpec spec = sshd.spec();
  spec.pubkey_algorithms = "rsa-sha2-512";
  Bench bench({spec}, batch("echo in"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::auth) << bench.host().error();
}

TEST_F(SshdTest, HundredHostsAtOnce) {
  const Sshd sshd;
  Bench bench(std::vector<HostSpec>(100, sshd.spec()), batch("echo in"));
  bench.run_to_end(100);
  for (std::uint32_t i = 0; i < 100; ++i)
    EXPECT_EQ(bench.host(i).out, "in\n") << bench.host(i).error();
}

// The server renews its keys every megabyte, in both directions.
TEST_F(SshdTest, BulkSurvivesRekeying) {
  const Sshd sshd("RekeyLimit 1M");
  Bench bench({sshd.spec()}, batch("cat"));
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

TEST_F(SshdTest, FloodIsInterruptedAndStarvesNobody) {
  const Sshd sshd;
  Bench bench({sshd.spec("flood"), sshd.spec("typist")}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(0).live() && bench.host(1).live(); }));
  bench.pool().write(HostId{0}, "yes\r");
  ASSERT_TRUE(bench.until([&] { return bench.host(0).out.size() > 1'000'000; }));
  const auto typed = Clock::now();
  bench.pool().write(HostId{1}, "echo $((6*7))\r");
  ASSERT_TRUE(bench.until([&] { return bench.host(1).out.find("42") != std::string::npos; }));
  EXPECT_LT(Clock::now() - typed, Millis{1'000});
  bench.pool().interrupt(HostId{0});
  bench.pool().write(HostId{0}, "echo o\"v\"er\r");
  ASSERT_TRUE(bench.until([&] {
    const std::string& out = bench.host(0).out;
    return out.find("\rover", out.size() - std::min<std::size_t>(out.size(), 4'096)) !=
           std::string::npos;
  }));
}

TEST_F(SshdTest, HeldHostLosesNothing) {
  const Sshd sshd;
  Bench bench({sshd.spec()}, batch("seq 500000"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().out.size() > 10'000; }));
  bench.pool().hold(HostId{0}, true);
  bench.run_for(50);
  const std::size_t held_at = bench.host().out.size();
  bench.run_for(300);
  EXPECT_EQ(bench.host().out.size(), held_at);
  bench.pool().hold(HostId{0}, false);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out.size(), 3'388'895U);
  EXPECT_TRUE(bench.host().out.ends_with("\n499999\n500000\n"));
}

// ---- programs beside the session's own

// The near end of one, driven by hand.
class Beside {
 public:
  Beside(Bench& bench, const std::string& name) : bench_(bench) {
    bench.pool().open_subsystem(HostId{0}, name, [this](Result<Fd> stream) {
      told_ = true;
      if (stream) fd_ = std::move(*stream);
      else error_ = stream.error();
    });
  }
  bool until_told() {
    return bench_.until([this] { return told_; });
  }
  const Error& error() const { return error_; }
  void close() { fd_.reset(); }
  // Sends as much as is taken and gathers what comes, until `size` bytes have.
  bool exchange(std::string_view send, std::size_t size) {
    return bench_.until([&] {
      const ssize_t sent = send.empty() ? 0 : ::send(fd_.get(), send.data(), send.size(), MSG_NOSIGNAL);
      if (sent > 0) send.remove_prefix(static_cast<std::size_t>(sent));
      char bytes[65536];
      while (true) {
        const ssize_t came = ::recv(fd_.get(), bytes, sizeof bytes, 0);
        if (came <= 0) break;
        got.append(bytes, static_cast<std::size_t>(came));
      }
      return got.size() >= size;
    });
  }
  bool ended() const {
    char byte;
    return ::recv(fd_.get(), &byte, 1, MSG_PEEK) == 0;
  }
  std::string got;

 private:
  Bench& bench_;
  Fd fd_;
  Error error_;
  bool told_ = false;
};

TEST_F(SshdTest, AProgramBesideTheShellLosesNothingOfEither) {
  const Sshd sshd("Subsystem echo /bin/cat\nRekeyLimit 1M");
  Bench bench({sshd.spec()}, batch("seq 500000; cat; echo end"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  std::string sent;
  for (int i = 0; sent.size() < 3'000'000; ++i) sent += std::to_string(i) + "\n";
  Beside first(bench, "echo");
  Beside second(bench, "echo");
  ASSERT_TRUE(first.until_told() && second.until_told());
  EXPECT_EQ(first.error().message, "");
  EXPECT_TRUE(first.exchange(sent, sent.size()));
  EXPECT_TRUE(first.got == sent);
  EXPECT_TRUE(second.exchange("hello", 5));
  EXPECT_EQ(second.got, "hello");
  first.close();
  bench.pool().end_input(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out.size(), 3'388'895U + 4);
  EXPECT_TRUE(bench.host().out.ends_with("\n500000\nend\n"));
  EXPECT_TRUE(bench.until([&] { return second.ended(); }));
}

TEST_F(SshdTest, AProgramThatIsNotThere) {
  const Sshd sshd("Subsystem echo /bin/cat");
  Bench bench({sshd.spec()}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  Beside none(bench, "nosuch");
  ASSERT_TRUE(none.until_told());
  EXPECT_EQ(none.error().kind, ErrorKind::channel);
  EXPECT_EQ(none.error().message, "it has no subsystem nosuch");
  Beside echo(bench, "echo");  // the connection is as good as before
  ASSERT_TRUE(echo.until_told());
  EXPECT_TRUE(echo.exchange("x", 1));
}

TEST_F(SshdTest, OneSessionIsAllThatItAllows) {
  const Sshd sshd("Subsystem echo /bin/cat\nMaxSessions 1");
  Bench bench({sshd.spec()}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  Beside echo(bench, "echo");
  ASSERT_TRUE(echo.until_told());
  EXPECT_EQ(echo.error().kind, ErrorKind::connect);
  EXPECT_THAT(echo.error().message, ::testing::HasSubstr("MaxSessions"));
  ASSERT_TRUE(bench.pool().write(HostId{0}, "echo $((6*7))\r"));
  EXPECT_TRUE(bench.until([&] { return bench.host().out.find("42") != std::string::npos; }));
}

TEST_F(SshdTest, BesideASessionThatIsOver) {
  const Sshd sshd("Subsystem echo /bin/cat");
  Bench bench({sshd.spec()}, batch("true"));
  bench.run_to_end();
  Beside echo(bench, "echo");
  ASSERT_TRUE(echo.until_told());
  EXPECT_EQ(echo.error().kind, ErrorKind::lost);
}

}  // namespace
}  // namespace bdsh::net::test
