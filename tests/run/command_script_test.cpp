// The script is checked by those who read it: sh -n, a stand-in for ssh that prints its words, and
// ssh -G, which says how ssh(1) understands them.
#include "run/command_script.hpp"

#include "core/text.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

#include "temporary.hpp"

namespace bdsh::run {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

HostSpec some_host() {
  HostSpec host;
  host.name = host.original = host.address = "127.0.0.9";
  host.port = 2200;
  host.user = "ops";
  return host;
}

// The words that the script calls ssh with.
std::vector<std::string> words_of(const std::string& script) {
  const Temporary temporary;
  put(temporary / "command", script);
  put(temporary / "ssh", "#!/bin/sh\nfor word; do printf '%s\\0' \"$word\"; done\n");
  ::chmod((temporary / "ssh").c_str(), 0700);
  int status = -1;
  const std::string in = "cd '" + temporary.path().string() + "' && ";
  EXPECT_EQ(output_of(in + "sh -n command 2>&1", &status), "");
  EXPECT_EQ(status, 0);
  const std::string all = output_of(in + "PATH=\"$PWD:$PATH\" sh command 2>&1", &status);
  EXPECT_EQ(status, 0) << script;
  std::vector<std::string> words;
  for (std::size_t at = 0, end = 0; (end = all.find('\0', at)) != std::string::npos; at = end + 1)
    words.push_back(all.substr(at, end - at));
  return words;
}

// `ssh -G` of the same words.
std::string understood(std::string script) {
  const Temporary temporary;
  script.replace(script.find("exec ssh"), 8, "exec ssh -G -F /dev/null");
  put(temporary / "command", script);
  int status = -1;
  const std::string out = output_of("sh '" + (temporary / "command").string() + "' 2>&1", &status);
  EXPECT_EQ(status, 0) << script << out;
  return out;
}

TEST(CommandScript, TellsItsCommandAgain) {
  HostSpec host = some_host();
  for (const std::string command : {"uptime", "it's 'quoted' and \\ more", "'", "''",
                                    "two\nlines 'in' it\n", "a  b ", "exec ssh 'x'"})
    for (const bool pty : {false, true})
      EXPECT_EQ(command_in_script(command_script(host, command, pty)), command);
  host.name = "a\nexec ssh 'evil'";
  EXPECT_EQ(command_in_script(command_script(host, "true", false)), "true");
  host.transport = HostSpec::Transport::command;
  host.terminal_command = "nc 'host' 'x'";
  EXPECT_EQ(command_in_script(command_script(host, "true", false)), std::nullopt);
  for (const char* broken : {"", "#!/bin/sh\n", "#\nexec ssh 'a", "#\nexec ssh 'a' b\n"})
    EXPECT_EQ(command_in_script(broken), std::nullopt) << broken;
}

TEST(CommandScript, ACommandWithAPty) {
  HostSpec host = some_host();
  host.original = "web01";
  host.identity_files = {"/k/id"};
  host.user_known_hosts = {"/k/known_hosts"};
  EXPECT_EQ(command_script(host, "uptime", true),
            "#!/bin/sh\n"
            "# Repeats this host's part of the run: 127.0.0.9\n"
            "exec ssh '-tt' '-p' '2200' '-l' 'ops' '-oProxyCommand=none' '-oIdentityFile=\"/k/id\"' "
            "'-oUserKnownHostsFile=\"/k/known_hosts\"' '-oStrictHostKeyChecking=accept-new' "
            "'-oConnectTimeout=10' '-oServerAliveInterval=15' '-oServerAliveCountMax=3' "
            "'-oHostName=127.0.0.9' '--' 'web01' 'uptime'\n");
}

// What the outer ssh expands is a command whose words the inner one understands.
TEST(CommandScript, AWayThroughTwoJumpHosts) {
  HostSpec host = some_host();
  host.jumps = {some_host(), some_host()};
  host.jumps[0].original = host.jumps[0].address = "outer";
  host.jumps[1].original = host.jumps[1].address = "inner";
  host.jumps[1].port = 22;
  host.jumps[1].identity_files = {"/it's 50%/id"};
  const std::vector<std::string> words = words_of(command_script(host, "uptime", false));
  std::string way;
  for (const std::string& word : words)
    if (word.starts_with("-oProxyCommand=")) way = word.substr(15);
  EXPECT_TRUE(way.starts_with("ssh -W '[%h]:%p' '-p' '22' '-l' 'ops'")) << way;
  std::string expanded;  // as ssh(1) does
  for (std::size_t at = 0; at < way.size(); ++at) {
    if (way[at] != '%')
      expanded += way[at];
    else
      expanded += way[++at] == 'h' ? "h" : way[at] == 'p' ? "22" : "%";
  }
  EXPECT_TRUE(understood("exec " + expanded).find("identityfile /it's 50%%/id\n") != std::string::npos);
  const std::vector<std::string> inner = words_of("exec " + expanded + "\n");
  ASSERT_FALSE(inner.empty());
  EXPECT_EQ(inner.back(), "inner");
  EXPECT_THAT(inner, Contains(HasSubstr("-oProxyCommand=ssh -W")));
}

TEST(CommandScript, OtherTransports) {
  HostSpec host = some_host();
  host.transport = HostSpec::Transport::openssh;
  host.ssh_words = {"-F", "/a b", "--", "web01"};
  EXPECT_THAT(words_of(command_script(host, "uptime", true)),
              ElementsAre("-tt", "-F", "/a b", "--", "web01", "uptime"));
  host.transport = HostSpec::Transport::command;
  host.terminal_command = "ssh 'web01' sh -c 'echo 1'";
  EXPECT_THAT(words_of(command_script(host, "echo 1", true)),
              ElementsAre("web01", "sh", "-c", "echo 1"));
}

TEST(CommandScript, OddCommandsReachSshWhole) {
  for (const char* command : {"echo 'it'\\''s'", "a\nb\n", "$(reboot) `reboot` $HOME", "\\", "'",
                              "''", "-rf", "", "* ? [a]", "! # ~", "\xff\xfe", "exit 1; \"x\""}) {
    const std::vector<std::string> words = words_of(command_script(some_host(), command, false));
    ASSERT_FALSE(words.empty());
    EXPECT_EQ(words.back(), command);
    EXPECT_EQ(words.front(), "-T");
  }
}

TEST(CommandScript, OddNamesCannotBecomeCommandsOrOptions) {
  HostSpec host = some_host();
  host.name = "x\nreboot\n#";
  host.user = "o'p; $(reboot)";
  host.original = "-oProxyCommand=reboot";
  host.address = "fe80::1%eth0";
  const std::string script = command_script(host, {}, true);
  EXPECT_THAT(script, Not(HasSubstr("\nreboot")));
  const std::vector<std::string> words = words_of(script);
  EXPECT_THAT(words, Contains("o'p; $(reboot)"));
  EXPECT_EQ(words[words.size() - 2], "--");
  EXPECT_EQ(words.back(), "fe80::1%eth0");
}

TEST(CommandScript, SshUnderstandsIt) {
  HostSpec host = some_host();
  host.original = "web01";
  host.identity_files = {"/k k/i\"d", "/50%/id"};
  host.identities_only = true;
  host.user_known_hosts = {"/k k/kh", "/kh2"};
  host.global_known_hosts = {"/dev/null"};
  host.host_key_alias = "alias";
  host.host_key_policy = HostKeyPolicy::strict;
  host.hash_known_hosts = true;
  host.ciphers = "aes128-gcm@openssh.com";
  host.kex_algorithms = "curve25519-sha256";
  host.preferred_authentications = "publickey";
  host.compression = true;
  host.family = HostSpec::Family::inet;
  host.connect_timeout = std::chrono::milliseconds(2500);
  host.environment = {{"LANG", "C"}, {"TWO", "a b \"c\""}};
  const std::string text = understood(command_script(host, "uptime", true));
  for (const char* line : {"hostname 127.0.0.9\n",
                           "host web01\n",
                           "port 2200\n",
                           "user ops\n",
                           "identityfile /k k/i\"d\n",
                           "identityfile /50%%/id\n",
                           "identitiesonly yes\n",
                           "hostkeyalias alias\n",
                           "stricthostkeychecking true\n",
                           "hashknownhosts yes\n",
                           "ciphers aes128-gcm@openssh.com\n",
                           "kexalgorithms curve25519-sha256\n",
                           "preferredauthentications publickey\n",
                           "compression yes\n",
                           "addressfamily inet\n",
                           "connecttimeout 3\n",
                           "requesttty force\n",
                           "setenv LANG=C\n",
                           "setenv TWO=a b \"c\"\n",
                           "serveraliveinterval 15\n"})
    EXPECT_THAT(text, HasSubstr(line));
  EXPECT_THAT(text, HasSubstr("userknownhostsfile /k k/kh /kh2\n"));
}

TEST(ShellQuoted, LeavesOutNulBytes) {
  EXPECT_EQ(shell_quoted(std::string("a\0b", 3)), "'ab'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace bdsh::run
