// Sessions that local programs open: ssh(1) against a real sshd, and plain commands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <unistd.h>

#include <csignal>

#include "net/bench.hpp"
#include "net/ssh_log.hpp"
#include "net/sshd.hpp"

namespace bdsh::net::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

HostSpec by_ssh(const Sshd& sshd, std::vector<std::string> more = {}) {
  HostSpec spec = sshd.spec();
  spec.transport = HostSpec::Transport::openssh;
  spec.ssh_words = std::move(more);
  spec.ssh_words.insert(
      spec.ssh_words.end(),
      {"-F", "/dev/null", "-p", std::to_string(sshd.port()), "-i", sshd.path("id"), "-o",
       "UserKnownHostsFile=" + sshd.path("known_hosts"), "-o", "StrictHostKeyChecking=yes", "-o",
       "IdentitiesOnly=yes", "--", "127.0.0.1"});
  return spec;
}

HostSpec by_command(const std::string& line) {
  HostSpec spec;
  spec.name = "host";
  spec.user = "me";
  spec.transport = HostSpec::Transport::command;
  spec.terminal_command = line;
  return spec;
}

class OpensshTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }
};

TEST_F(OpensshTest, ACommandItsStreamsAndItsStatus) {
  const Sshd sshd;
  Bench bench({by_ssh(sshd)}, batch("echo out; echo err >&2; exit 3"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().out, "out\n") << bench.host().error() << bench.host().event_text();
  EXPECT_EQ(bench.host().err, "err\n");
  EXPECT_EQ(bench.host().last().exit, (ExitResult{3, ""}));
  EXPECT_EQ(bench.host().times(HostState::running), 1);
}

TEST_F(OpensshTest, AStatusOf255IsTheHosts) {
  const Sshd sshd;
  Bench bench({by_ssh(sshd)}, batch("exit 255"));
  bench.run_to_end();
  EXPECT_EQ(bench.host().last().exit, (ExitResult{255, ""})) << bench.host().error();
}

TEST_F(OpensshTest, AShellEchoesResizesAndExits) {
  const Sshd sshd;
  Bench bench({by_ssh(sshd)}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); })) << bench.host().event_text();
  bench.pool().write(HostId{0}, "stty size; echo $TERM\r");
  ASSERT_TRUE(bench.until([&] { return bench.host().out.find("24 80\r\nxterm-256color") != std::string::npos; }))
      << bench.host().out;
  bench.pool().resize(Size{Rows{50}, Cols{132}});
  bench.pool().write(HostId{0}, "sleep 0.2; stty size\r");
  ASSERT_TRUE(bench.until([&] { return bench.host().out.find("50 132\r\n") != std::string::npos; }));
  bench.pool().write(HostId{0}, "sleep 60\r");
  bench.run_for(300);
  bench.pool().interrupt(HostId{0});
  bench.pool().write(HostId{0}, "exit 7\r");
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().exit, (ExitResult{7, ""})) << bench.host().error();
}

TEST_F(OpensshTest, InputIsFannedInAndEnds) {
  const Sshd sshd;
  Bench bench({by_ssh(sshd)}, batch("wc -c"));
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  ASSERT_TRUE(bench.pool().write(HostId{0}, std::string(200'000, 'x')));
  bench.pool().end_input(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().out, "200000\n");
}

TEST_F(OpensshTest, ItsOwnFailuresAreTheHostsReasons) {
  const Sshd sshd;
  HostSpec refused = by_ssh(sshd, {"-p", std::to_string(Listener().port())});
  HostSpec denied = by_ssh(sshd, {"-o", "PubkeyAuthentication=no"});
  HostSpec unknown = by_ssh(sshd, {"-o", "UserKnownHostsFile=/dev/null"});
  Bench bench({refused, denied, unknown}, batch("true"));
  bench.run_to_end(3);
  EXPECT_THAT(bench.host(0).error(), HasSubstr("Connection refused"));
  EXPECT_EQ(bench.host(0).last().error->kind, ErrorKind::connect);
  EXPECT_THAT(bench.host(1).error(), HasSubstr("Permission denied"));
  EXPECT_EQ(bench.host(1).last().error->kind, ErrorKind::auth);
  EXPECT_THAT(bench.host(2).error(), HasSubstr("Host key verification failed"));
  EXPECT_EQ(bench.host(2).last().error->kind, ErrorKind::host_key);
  EXPECT_EQ(bench.host(2).last().state, HostState::failed);
  EXPECT_THAT(bench.host(2).event_text(), HasSubstr("ssh: "));
}

TEST_F(OpensshTest, AConnectionThatIsLost) {
  const Sshd sshd;
  Bench bench({by_ssh(sshd)}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  sshd.kill_sessions(SIGKILL);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_EQ(bench.host().last().state, HostState::disconnected);
  EXPECT_EQ(bench.host().last().error->kind, ErrorKind::lost);
}

// With and without a terminal for the remote program.
TEST_F(OpensshTest, QuestionsAreAskedAndAnswered) {
  const Sshd sshd;
  for (const bool pty : {true, false}) {
    make_key(sshd.path(pty ? "locked1" : "locked2"), "ed25519", "open sesame");
    const std::string key = sshd.path(pty ? "locked1" : "locked2");
    write_text(sshd.path("authorized"), read_text(key + ".pub"));
    HostSpec spec = by_ssh(sshd, {"-i", key, "-o", "StrictHostKeyChecking=ask", "-o",
                                  "UserKnownHostsFile=" + key + ".hosts"});
    PoolOptions options = batch("echo in");
    options.pty = pty;
    Bench bench({spec}, options);
    bench.pool().start();
    ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
    EXPECT_EQ(bench.host().last().asking->kind, Prompt::Kind::host_key);
    EXPECT_THAT(bench.host().last().asking->subject, HasSubstr("ssh-ed25519 SHA256:"));
    bench.pool().answer(HostSet::of(HostId{0}), Secret("yes"));
    const auto asks = [&](const char* what) {
      return bench.until([&] { return bench.host().asking() && bench.host().last().asking->text.find(what) != std::string::npos; });
    };
    ASSERT_TRUE(asks("passphrase")) << bench.host().event_text();
    bench.pool().answer(HostSet::of(HostId{0}), Secret("wrong"));
    ASSERT_TRUE(bench.until([&] { return !bench.host().asking(); }));
    ASSERT_TRUE(asks("passphrase"));
    bench.pool().answer(HostSet::of(HostId{0}), Secret("open sesame"));
    ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
    EXPECT_EQ(bench.host().out, pty ? "in\r\n" : "in\n") << bench.host().error();
    EXPECT_THAT(bench.host().event_text(), Not(HasSubstr("sesame")));
  }
}

TEST_F(OpensshTest, AQuestionThatIsNotAnswered) {
  const Sshd sshd;
  Bench bench({by_ssh(sshd, {"-o", "StrictHostKeyChecking=ask", "-o", "UserKnownHostsFile=/dev/null"})}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().asking(); }));
  bench.pool().answer(HostSet::of(HostId{0}), std::nullopt);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_THAT(bench.host().error(), HasSubstr("not answered"));
}

// ControlMaster: the second connection is a channel of the first.
TEST_F(OpensshTest, SharedConnections) {
  const Sshd sshd;
  const std::vector<std::string> shared = {"-o", "ControlMaster=auto", "-o", "ControlPath=" + sshd.path("cm"),
                                           "-o", "ControlPersist=60"};
  for (int i = 0; i < 2; ++i) {
    Bench bench({by_ssh(sshd, shared)}, batch("echo in; exit 2"));
    bench.run_to_end();
    EXPECT_EQ(bench.host().out, "in\n") << bench.host().error();
    EXPECT_EQ(bench.host().last().exit, (ExitResult{2, ""}));
  }
  const std::string log = sshd.log();
  EXPECT_EQ(log.find("Accepted publickey"), log.rfind("Accepted publickey"));
  run_program({"ssh", "-o", "ControlPath=" + sshd.path("cm"), "-O", "exit", "127.0.0.1"});
}

TEST(CommandTransport, ATerminalAndItsStatus) {
  Bench bench({by_command("sh -c 'tty; stty size; read line; echo got $line; exit 5'")}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().live() && bench.host().out.find("24 80") != std::string::npos; }));
  EXPECT_THAT(bench.host().out, HasSubstr("/dev/pts/"));
  bench.pool().write(HostId{0}, "it\r");
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_THAT(bench.host().out, HasSubstr("got it\r\n"));
  EXPECT_EQ(bench.host().last().exit, (ExitResult{5, ""}));
}

TEST(CommandTransport, PipesWhenNoTerminalIsWanted) {
  Bench bench({by_command("sh -c 'wc -c; echo err >&2'")}, batch("x"));
  bench.pool().start();
  // A program that says nothing is in after a while.
  ASSERT_TRUE(bench.until([&] { return bench.host().live(); }));
  ASSERT_TRUE(bench.pool().write(HostId{0}, std::string(100'000, 'x')));
  bench.pool().end_input(HostId{0});
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }));
  EXPECT_THAT(bench.host().out, HasSubstr("100000\n"));
  EXPECT_EQ(bench.host().err, "err\n");
}

TEST(CommandTransport, AProgramThatIsNotThere) {
  Bench bench({by_command("/nonexistent/program"), by_command("kill -9 $$")}, shell());
  bench.run_to_end(2);
  EXPECT_EQ(bench.host(0).last().exit, (ExitResult{127, ""}));
  EXPECT_EQ(bench.host(0).last().state, HostState::failed);
  EXPECT_THAT(bench.host(0).out, HasSubstr("not found"));
}

TEST(CommandTransport, DiesBySignalOrIsEndedWithThePool) {
  const TempDir dir;
  Bench bench({by_command("sh -c 'kill -KILL $$'"),
               by_command("sh -c 'trap \"\" HUP; echo $$ > " + dir.path("pid") + "; echo up; sleep 300'")},
              shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host(0).ended() && bench.host(1).out.find("up") != std::string::npos; }));
  EXPECT_EQ(bench.host(0).last().exit, (ExitResult{std::nullopt, "KILL"}));
  const pid_t pid = std::stoi("0" + read_text(dir.path("pid")));
  bench.stop();
  EXPECT_NE(::kill(pid, 0), 0);
}

// Nothing of ours is open in a child.
TEST(CommandTransport, InheritsNoDescriptors) {
  Bench bench({by_command("ls /proc/self/fd")}, shell());
  bench.run_to_end();
  EXPECT_THAT(bench.host().out, Not(HasSubstr("4")));
}

TEST(CommandTransport, AFloodIsHeldAndLosesNothing) {
  Bench bench({by_command("sh -c 'seq 1 200000'")}, shell());
  bench.pool().start();
  ASSERT_TRUE(bench.until([&] { return bench.host().out.size() > 1000; }));
  bench.pool().hold(HostId{0}, true);
  bench.run_for(100);
  const std::size_t before = bench.host().out.size();
  bench.run_for(200);
  EXPECT_EQ(bench.host().out.size(), before);
  bench.pool().hold(HostId{0}, false);
  ASSERT_TRUE(bench.until([&] { return bench.host().ended(); }, 60'000));
  EXPECT_TRUE(bench.host().out.ends_with("199999\r\n200000\r\n"));
  EXPECT_EQ(bench.host().out.size(), 1'488'895U);  // 1,288,895 bytes of seq, and a CR for each line
}

TEST(SshLog, StepsAndMessages) {
  SshLog log;
  using Step = SshLog::Step;
  EXPECT_EQ(log.hear("debug1: Connecting to h [::1] port 22."), Step::none);
  EXPECT_EQ(log.hear("debug1: Connection established."), Step::connected);
  EXPECT_EQ(log.hear("debug1: SSH2_MSG_KEXINIT received"), Step::handshaken);
  EXPECT_EQ(log.hear("debug1: SSH2_MSG_NEWKEYS received"), Step::key_accepted);
  EXPECT_EQ(log.hear("Authenticated to h ([::1]:22) using \"publickey\"."), Step::authenticated);
  EXPECT_EQ(log.hear("debug2: shell request accepted on channel 0"), Step::opened);
  EXPECT_EQ(log.hear("debug1: mux_client_request_session: master session id: 2"), Step::opened);
  EXPECT_FALSE(log.host_sent_status());
  log.hear("debug1: client_input_channel_req: channel 0 rtype exit-status reply 0");
  EXPECT_TRUE(log.host_sent_status());
  EXPECT_FALSE(SshLog::is_message("Connection to h closed."));
  EXPECT_TRUE(SshLog::is_message("Connection to h closed by remote host."));
}

TEST(SshLog, Reasons) {
  const auto reason = [](const char* line) {
    SshLog log;
    log.hear(line);
    log.hear("debug1: Exit status -1");
    return log.reason();
  };
  EXPECT_EQ(reason("u@h: Permission denied (publickey).").kind, ErrorKind::auth);
  EXPECT_EQ(reason("ssh: connect to host h port 22: Connection timed out").kind, ErrorKind::timeout);
  EXPECT_EQ(reason("ssh: Could not resolve hostname h: Name or service not known").kind, ErrorKind::resolve);
  EXPECT_EQ(reason("ssh: connect to host h port 22: No route to host").kind, ErrorKind::connect);
  EXPECT_EQ(reason("odd \033[31m").message.find('\033'), std::string::npos);
  EXPECT_EQ(reason("").kind, ErrorKind::connect);
  SshLog log;
  log.hear("kex_exchange_identification: read: Connection reset by peer");
  EXPECT_TRUE(log.turned_away());
}

}  // namespace
}  // namespace bdsh::net::test
