#include "config/settings.hpp"

#include <gmock/gmock.h>

#include <sstream>

#include "config/option_table.hpp"
#include "config/support.hpp"

namespace bdsh::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string shown(const Settings& settings) {
  std::string out = settings.run_name + ":";
  for (const HostSpec& h : settings.hosts)
    out += " " + h.name + "=" + h.user + "@" + h.address + ":" + std::to_string(h.port) + "/" +
           h.group;
  return out;
}

class Load : public testing::Test {
 protected:
  Load() : environment_(quiet_environment(folder_)) {
    environment_.variables["DB_HOST"] = "db.example.com";
    environment_.variables["XDG_CONFIG_HOME"] = folder_.path() + "/xdg";
    folder_.write("xdg/bdsh/config.yaml", slurp(std::string(BDSH_TEST_DATA) + "/cases/fleet.yaml"));
    folder_.write("home/.ssh/config",
                  "Host web02\n HostName w2.example.com\n User ssh\n Port 1022\n"
                  "Host jump*\n ProxyJump bastion\nHost *\n Port 922\n");
    environment_.uid = getuid();
  }

  Result<Settings> load_words(const std::string& arguments) {
    return load(words(arguments), environment_, "1.2.3");
  }
  Settings good(const std::string& arguments) {
    auto settings = load_words(arguments);
    EXPECT_TRUE(settings.ok()) << arguments << ": " << settings.error().message;
    return settings.ok() ? std::move(*settings) : Settings{};
  }
  HostSpec host(const std::string& arguments) { return good(arguments).hosts.at(0); }
  void config(const std::string& text) { folder_.write("xdg/bdsh/config.yaml", text); }

  TemporaryFolder folder_;
  Environment environment_;
};

TEST_F(Load, Cases) {
  for (const Case& c : read_cases("settings.txt")) {
    const auto settings = load_words(c.input);
    if (!c.fails) {
      ASSERT_TRUE(settings.ok()) << "line " << c.line << ": " << settings.error().message;
      EXPECT_EQ(shown(*settings), c.expected) << "line " << c.line << ": " << c.input;
      continue;
    }
    ASSERT_FALSE(settings.ok()) << "line " << c.line << ": " << c.input;
    const Error& error = settings.error();
    EXPECT_THAT(error.message, HasSubstr(c.expected)) << "line " << c.line;
    EXPECT_EQ(error.message.find('\n'), std::string::npos) << "line " << c.line;
    EXPECT_TRUE(error.kind == ErrorKind::usage || error.kind == ErrorKind::config)
        << "line " << c.line;
  }
}

TEST_F(Load, YamlErrorsNameFileLineAndKey) {
  std::istringstream in(slurp(std::string(BDSH_TEST_DATA) + "/cases/yaml_errors.txt"));
  std::string expected, text;
  int cases = 0;
  const auto check = [&] {
    if (expected.empty()) return;
    const auto file = parse_config(text, "c.yaml", environment_);
    ASSERT_FALSE(file.ok()) << text;
    EXPECT_EQ(file.error().message, "c.yaml" + expected);
    EXPECT_EQ(file.error().kind, ErrorKind::config);
    ++cases;
  };
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("=== ", 0) == 0) {
      check();
      expected = line.substr(4);
      text.clear();
    } else {
      text += line + "\n";
    }
  }
  check();
  EXPECT_GE(cases, 20);
}

TEST_F(Load, DefaultsWithoutAnyFile) {
  environment_.variables["XDG_CONFIG_HOME"] = folder_.path() + "/absent";
  const Settings settings = good("-H a -F none");
  const HostSpec& spec = settings.hosts[0];
  EXPECT_EQ(spec.port, 22);
  EXPECT_EQ(spec.user, "amy");
  EXPECT_EQ(spec.host_key_policy, HostKeyPolicy::accept_new);
  EXPECT_EQ(spec.connect_timeout.count(), 10'000);
  EXPECT_EQ(spec.keepalive_interval.count(), 15);
  EXPECT_EQ(settings.parallel, 64);
  EXPECT_EQ(settings.scrollback, 10'000U);
  EXPECT_EQ(settings.theme, "default");
  EXPECT_TRUE(settings.masks);
  EXPECT_FALSE(settings.command.has_value());
  EXPECT_EQ(settings.leave_key, Key::ctrl(']'));
}

TEST_F(Load, EverythingBehindTheDashesBelongsToTheCommand) {
  EXPECT_EQ(good("-H a -- uptime -p --batch -- x").command, "uptime -p --batch -- x");
  const auto spaced = load({"-H", "a", "--", "echo", "a  b"}, environment_, "1");
  EXPECT_EQ(spaced->command, "echo a  b") << "joined with blanks, unquoted, as ssh(1) does";
}

TEST_F(Load, VariablesStandForOptionsThatAreNotGiven) {
  environment_.variables["BDSH_PORT"] = "77";
  environment_.variables["BDSH_HOSTS"] = "from-variable";
  environment_.variables["BSSH_MAX_PARALLEL"] = "5";
  environment_.variables["BSSH_CONNECT_TIMEOUT"] = "3";
  environment_.variables["BSSH_BUFFER_SIZE"] = "65536";
  environment_.variables["BDSH_KEEP"] = "yes";
  const Settings settings = good("");
  EXPECT_EQ(shown(settings), "from-variable: from-variable=amy@from-variable:77/");
  EXPECT_EQ(settings.parallel, 5);
  EXPECT_EQ(settings.hosts[0].connect_timeout.count(), 3000);
  EXPECT_EQ(settings.buffer, 65'536U);
  EXPECT_EQ(good("--buffer 2MiB").buffer, 2U << 20U);
  EXPECT_EQ(load_words("--buffer 2X").error().message,
            "--buffer: '2X' is not a size such as 65536 or 4M");
  EXPECT_TRUE(settings.keep);
  EXPECT_FALSE(good("--keep=no").keep);
  EXPECT_EQ(shown(good("-g db -p 78 -x db2")), "db: db.example.com=amy@db.example.com:78/db");
  environment_.variables["BDSH_PARALLEL"] = "6";
  EXPECT_EQ(good("").parallel, 6) << "our own variable wins over another tool's";
  environment_.variables["BDSH_PORT"] = "x";
  EXPECT_EQ(load_words("").error().message, "$BDSH_PORT: 'x' is not a number from 1 to 65535");
}

TEST_F(Load, TimesAndLimitsOfTheConfiguration) {
  const HostSpec spec = host("-g db");
  EXPECT_EQ(spec.connect_timeout.count(), 2500);
  EXPECT_EQ(spec.command_timeout.count(), 60'000);
  EXPECT_EQ(spec.max_retries, 2);
  EXPECT_EQ(good("-g db").parallel, 7);
  EXPECT_EQ(host("-g db --connect-timeout 0.25").connect_timeout.count(), 250);
  EXPECT_EQ(host("-g db -o ConnectTimeout=4").connect_timeout.count(), 4000);
}

TEST_F(Load, KnownHostsOfANode) {
  EXPECT_THAT(host("-g db").user_known_hosts, ElementsAre(environment_.home() + "/known_db"));
  EXPECT_THAT(host("-g db -o UserKnownHostsFile=/k").user_known_hosts, ElementsAre("/k"));
}

TEST_F(Load, KeysInTheOrderTheyAreTried) {
  const std::string one = folder_.write("k/one", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  const std::string two = folder_.write("k/two", "");
  const std::string certificate = folder_.write("k/two-cert.pub", "");
  const std::string standard = folder_.write("home/.ssh/id_ed25519", "");
  EXPECT_THAT(host("-H a").identity_files, ElementsAre(standard));
  const Settings settings =
      good("-H a -i " + one + " -o IdentityFile=" + two + " -o IdentityFile=/absent");
  EXPECT_THAT(settings.hosts[0].identity_files, ElementsAre(one, two));
  EXPECT_THAT(settings.hosts[0].certificate_files, ElementsAre(certificate));
  EXPECT_THAT(settings.notes,
              ElementsAre(Note{"", "the IdentityFile /absent cannot be read and is left out"}));
  EXPECT_THAT(host("-H a -o IdentityFile=none").identity_files, ElementsAre());
}

TEST_F(Load, AnUnreadableKeyOfTheConfigurationNamesItsLine) {
  config("clusters:\n  web:\n    ssh_key: keys/absent\n    nodes:\n      - a\n");
  EXPECT_EQ(load_words("-g web").error().message,
            folder_.path() + "/xdg/bdsh/config.yaml:5: web: ssh_key: the key " + folder_.path() +
                "/xdg/bdsh/keys/absent cannot be read");
}

TEST_F(Load, WhatCannotBeHonouredIsSaidOnce) {
  folder_.write("home/.ssh/config", "GatewayPorts yes\nLocalForward 1 a:2\n");
  environment_.variables["XDG_CONFIG_HOME"] = "/absent";
  const Settings settings = good("-H a,b");
  ASSERT_EQ(settings.notes.size(), 1U);
  EXPECT_THAT(settings.notes[0].text, HasSubstr("home/.ssh/config:2: LocalForward is not supported"));
}

std::vector<std::string> way(const HostSpec& host) {
  std::vector<std::string> out;
  for (const HostSpec& jump : host.jumps)
    out.push_back(jump.user + "@" + jump.address + ":" + std::to_string(jump.port));
  return out;
}

TEST_F(Load, JumpHostsOfSshConfigAreResolvedAsHostsOfTheirOwn) {
  folder_.write("home/.ssh/config",
                "Host web*\n ProxyJump amy@inner:2222\nHost inner\n HostName in.example.com\n"
                " ProxyJump outer\n IdentityFile /absent\nHost outer\n User root\n Port 23\n"
                "Host chain\n ProxyJump outer,inner\nHost none\n ProxyJump none\n");
  environment_.variables["XDG_CONFIG_HOME"] = "/absent";
  EXPECT_THAT(way(host("-H web1")), ElementsAre("root@outer:23", "amy@in.example.com:2222"));
  // Of a chain only the first has a way of its own.
  EXPECT_THAT(way(host("-H chain")), ElementsAre("root@outer:23", "amy@in.example.com:22"));
  EXPECT_THAT(way(host("-H none")), ElementsAre());
  // As for ssh(1), what is said of the target is not said of the hosts on the way.
  EXPECT_THAT(way(host("-H web1 -l bob -p 99 -o User=eve -o Port=98")),
              ElementsAre("root@outer:23", "amy@in.example.com:2222"));
}

TEST_F(Load, JumpHostsOfTheCommandLineAndTheConfiguration) {
  config("clusters:\n  web:\n    jump_host: bastion:2200\n    ssh_key: key\n    nodes:\n"
         "      - a\n      - {host: b, jump_host: none}\n      - {host: c, jump_host: lb}\n"
         "  edge:\n    nodes: [{name: lb, host: 10.0.0.9, user: root, port: 24}]\n");
  folder_.write("xdg/bdsh/key", "-----BEGIN OPENSSH PRIVATE KEY-----\n");
  const Settings settings = good("-g web -F none");
  EXPECT_THAT(way(settings.hosts[0]), ElementsAre("amy@bastion:2200"));
  EXPECT_THAT(settings.hosts[0].jumps[0].identity_files, ElementsAre(HasSubstr("/key")));
  EXPECT_THAT(way(settings.hosts[1]), ElementsAre());
  EXPECT_THAT(way(settings.hosts[2]), ElementsAre("root@10.0.0.9:24"));
  EXPECT_THAT(way(host("-g web -F none -J x,[::1]:23")), ElementsAre("amy@x:22", "amy@::1:23"));
  EXPECT_THAT(way(host("-g web -F none -J none")), ElementsAre());
  EXPECT_THAT(way(host("-g web -F none -o ProxyJump=y")), ElementsAre("amy@y:22"));
  EXPECT_THAT(load_words("-H a -J a,,b").error().message, HasSubstr("'' is no jump host"));
}

TEST_F(Load, AWayThroughTheHostItselfIsRefused) {
  folder_.write("home/.ssh/config", "Host *\n ProxyJump bastion\n");
  environment_.variables["XDG_CONFIG_HOME"] = "/absent";
  const Settings settings = good("-H web1,bastion");
  ASSERT_EQ(settings.unusable.size(), 2U);
  EXPECT_THAT(settings.unusable[0].error.message, HasSubstr("web1: jump host loop via bastion"));
}

TEST_F(Load, ProxyCommands) {
  folder_.write("home/.ssh/config",
                "Host a\n ProxyCommand nc -X 5 %h %p '%r' %%\nHost b\n ProxyCommand nc %h\n HostName x$y\n"
                "Host c\n ProxyCommand nc %T\n");
  environment_.variables["XDG_CONFIG_HOME"] = "/absent";
  EXPECT_EQ(host("-H a").proxy_command, "nc -X 5 a 22 'amy' %");
  EXPECT_EQ(host("-H a -o ProxyCommand=none").proxy_command, "");
  EXPECT_THAT(good("-H b").unusable[0].error.message, HasSubstr("not fit for a shell"));
  EXPECT_THAT(good("-H c").unusable[0].error.message, HasSubstr("unknown token %T"));
}

TEST_F(Load, Transports) {
  config("clusters:\n  pods:\n    transport: command kubectl exec -it {host} -- sh -c {command}\n"
         "    nodes: [p1]\n  odd:\n    transport: rsh\n    nodes: [a]\n");
  EXPECT_THAT(load_words("-H a").error().message, HasSubstr("'rsh' is not one of"));
  config("clusters:\n  pods:\n    transport: command kubectl exec -it {host} -- sh -c {command}\n"
         "    nodes: [p1]\n");
  EXPECT_EQ(host("-g pods -- echo it's").terminal_command,
            "kubectl exec -it 'p1' -- sh -c 'echo it'\\''s'");
  EXPECT_EQ(host("-g pods").terminal_command, "kubectl exec -it 'p1' -- sh -c 'exec sh'");
  EXPECT_THAT(load_words("-H a --transport telnet").error().message, HasSubstr("--transport: 'telnet'"));
  const std::vector<std::string> command = {"-H", "a", "--transport", "command x {hots}"};
  EXPECT_THAT(load(command, environment_, "1").error().message, HasSubstr("unknown field {hots}"));
  const std::vector<std::string> without = {"-H", "a", "--transport", "command x {{}} {port}", "--", "ls"};
  EXPECT_THAT(load(without, environment_, "1").error().message, HasSubstr("no {command}"));
  EXPECT_THAT(host("-H bob@a:23 --transport openssh -F none -o Compression=yes -J z -A").ssh_words,
              ElementsAre("-F", "none", "-o", "Compression=yes", "-l", "bob", "-p", "23", "-J", "z",
                          "-A", "-o", "StrictHostKeyChecking=accept-new", "-o", "ConnectTimeout=10", "-o",
                          "ServerAliveInterval=15", "--", "a"));
}

TEST_F(Load, DuplicatesAreNoted) {
  EXPECT_THAT(good("-H a,amy@a").notes,
              ElementsAre(Note{"", "a is named more than once; it is connected to once"}));
}

TEST_F(Load, TheAuditsPlace) {
  using Kind = AuditTarget::Kind;
  EXPECT_EQ(good("-H a").audit, AuditTarget{});
  EXPECT_EQ(good("-H a --audit journald").audit, (AuditTarget{Kind::journald}));
  EXPECT_EQ(good("ping -H a --audit journald:/run/other").audit,
            (AuditTarget{Kind::journald, "/run/other"}));
  EXPECT_EQ(good("-H a --audit ./journald").audit, (AuditTarget{Kind::file, "./journald"}));
  config("audit: {file: trail.jsonl}\n");
  EXPECT_EQ(good("-H a").audit,
            (AuditTarget{Kind::file, folder_.path() + "/xdg/bdsh/trail.jsonl"}));
  EXPECT_EQ(good("-H a --audit none").audit, AuditTarget{});
  config("audit: journald\n");
  EXPECT_EQ(good("-H a").audit, (AuditTarget{Kind::journald}));
  config("audit: {journald: /run/other}\n");
  EXPECT_EQ(good("-H a").audit, (AuditTarget{Kind::journald, "/run/other"}));
  EXPECT_EQ(load_words("-H a --audit journald:").error().message,
            "--audit: 'journald:' is not a file, journald or none");
  EXPECT_FALSE(load_words("list --audit none").ok()) << "nothing runs, so nothing is recorded";
}

TEST_F(Load, TheKeyringIsUsedWhenAskedFor) {
  EXPECT_FALSE(good("-H a").keyring);
  EXPECT_TRUE(good("upload -H a --keyring x y").keyring);
  config("keyring: true\n");
  EXPECT_TRUE(good("-H a").keyring);
  EXPECT_FALSE(good("-H a --keyring=no").keyring);
}

TEST_F(Load, AGroupsColour) {
  config("groups: {web: {nodes: [w1], color: bright-red}, db: {nodes: [d1]}}\n");
  const Settings settings = good("-g web -g db");
  EXPECT_EQ(settings.color_of(settings.hosts[0]), Color::indexed(9));
  EXPECT_EQ(settings.color_of(settings.hosts[1]), Color{});
}

TEST_F(Load, WhatARerunHostGotIsWhatItGotThen) {
  config(
      "groups: {web: {nodes: [w1, w2]}}\ncommands: {stop: {run: 'stop {host}', confirm: true}}\n");
  const Again again{
      {"w1", "w2"}, ":stop now", {{"w1", "stop 'w1'"}, {"w2", "stop 'w2'"}}, false, {}};
  const auto settings = load(words("--rerun failed"), environment_, "1", again);
  ASSERT_TRUE(settings.ok()) << settings.error().message;
  EXPECT_EQ(settings->commands, (std::vector<std::string>{"stop 'w1'", "stop 'w2'"}));
  EXPECT_EQ(settings->command, ":stop now");
  EXPECT_TRUE(settings->confirm) << "it asks again";
  EXPECT_TRUE(load(words("--rerun failed -- uptime"), environment_, "1", again)->commands.empty());
  const Again less{{"w1", "w2"}, ":stop now", {{"w1", "stop 'w1'"}}, false, {}};
  EXPECT_FALSE(load(words("--rerun failed"), environment_, "1", less).ok());
}

TEST_F(Load, HostKeyPolicies) {
  EXPECT_EQ(host("-H a --strict-host-key-checking ask").host_key_policy, HostKeyPolicy::ask);
  EXPECT_EQ(host("-H a -o StrictHostKeyChecking=yes").host_key_policy, HostKeyPolicy::strict);
  EXPECT_EQ(host("-H a -o StrictHostKeyChecking=yes --strict-host-key-checking no").host_key_policy,
            HostKeyPolicy::off);
}

TEST_F(Load, GroupsThatAskBeforeBroadcasting) {
  const Settings settings = good("-g web,db");
  EXPECT_TRUE(settings.confirms(settings.hosts.front()));
  EXPECT_FALSE(settings.confirms(settings.hosts.back()));
}

TEST_F(Load, BackendAiIsTheDefaultGroup) {
  environment_.variables["BACKENDAI_CLUSTER_HOSTS"] = "main1,sub1,sub2:22";
  environment_.variables["BACKENDAI_CLUSTER_ROLE"] = "main";
  EXPECT_EQ(shown(good("")),
            "backendai: main1=amy@main1:2200/backendai sub1=amy@sub1:2200/backendai "
            "sub2=amy@sub2:22/backendai");
  environment_.variables["BACKENDAI_CLUSTER_ROLE"] = "sub";
  EXPECT_EQ(good("-g backendai").hosts.size(), 2U);
  EXPECT_EQ(good("-g db").run_name, "db");
}

TEST_F(Load, DefaultClusterAndLook) {
  config(
      "clusters: {w: {nodes: [a]}}\ndefault_cluster: w\ntheme: light\nleave_key: ctrl-a\n"
      "masks: [{name: pid, enabled: false}, {name: job, pattern: 'job-\\d+'}]\nkeep: "
      "true\nscrollback: 5\n");
  environment_.variables["NO_COLOR"] = "1";
  const Settings settings = good("");
  EXPECT_EQ(settings.run_name, "w");
  EXPECT_EQ(settings.theme, "light");
  EXPECT_EQ(settings.leave_key, Key::ctrl('a'));
  EXPECT_TRUE(settings.keep);
  EXPECT_EQ(settings.scrollback, 5U);
  ASSERT_EQ(settings.mask_settings.size(), 2U);
  EXPECT_FALSE(settings.mask_settings[0].enabled);
  EXPECT_EQ(settings.mask_settings[1].pattern, "job-\\d+");
  EXPECT_EQ(good("-H a --no-masks --theme x").masks, false);
  config("");
  EXPECT_EQ(good("-H a").theme, "mono");
}

TEST_F(Load, NeverReadsTheCurrentDirectory) {
  const TemporaryFolder here;
  here.write("config.yaml", "clusters: {evil: {nodes: [evil]}}\n");
  environment_.variables["XDG_CONFIG_HOME"] = "relative";
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(here.path());
  const auto settings = load_words("-g evil");
  std::filesystem::current_path(before);
  EXPECT_FALSE(settings.ok());
}

TEST_F(Load, AConfigurationThatOthersCanWriteIsRefusedAsBySsh) {
  const std::string path = folder_.write("home/.ssh/config", "Port 1\n");
  std::filesystem::permissions(path, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(load_words("-H a").error().message, HasSubstr("others could change this file"));
}

TEST_F(Load, NamesAreSafeForScreensAndFolders) {
  config("clusters: {w: {nodes: [{name: \"../a b\\x07\", host: h}]}}\n");
  const std::string name = host("-g w").name;
  EXPECT_EQ(name.find_first_of("/ \x07"), std::string::npos) << name;
  EXPECT_NE(name[0], '.');
}

TEST_F(Load, HelpAndVersionNeedNoConfiguration) {
  config("broken: [");
  EXPECT_EQ(good("--version").text, "bdsh-tui 1.2.3\n");
  const std::string help = good("-g web --help").text;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 104U) << line;
  for (const char* option :
       {"--group",           "--hosts",      "--exclude", "--login",  "--port",
        "--identity",        "-F",           "-o",        "--config", "--parallel",
        "--connect-timeout", "--timeout",    "--keep",    "--output", "--strict-host-key-checking",
        "--batch",           "--json",       "--tty",     "--theme",  "--leave-key",
        "--no-masks",        "--scrollback", "--version", "watch",    "Examples:"})
    EXPECT_THAT(help, HasSubstr(option));
}

TEST_F(Load, WatchTakesADirectory) {
  const Settings settings = good("watch /tmp/run --theme mono --json");
  EXPECT_EQ(settings.job, Job::watch);
  EXPECT_THAT(settings.operands, testing::ElementsAre("/tmp/run"));
  EXPECT_EQ(settings.theme, "mono");
  EXPECT_TRUE(settings.json);
}

TEST(OptionTable, EveryOptionHasAVariableNamedAfterIt) {
  for (const OptionRow& row : option_rows()) {
    const std::string name = long_name(row);
    if (name == "--help" || name == "--version") continue;
    ASSERT_NE(row.variable, nullptr) << name;
    std::string wanted = "BDSH_" + name.substr(2);
    for (char& c : wanted) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(row.variable, wanted);
  }
}

TEST_F(Load, EachSubcommandHasItsOwnOptionsAndHelp) {
  const std::string help = good("watch --help").text;
  EXPECT_THAT(help, HasSubstr("bdsh-tui watch [OPTIONS] RUN"));
  EXPECT_THAT(help, HasSubstr("--theme"));
  EXPECT_THAT(help, testing::Not(HasSubstr("--parallel")));
  EXPECT_EQ(load_words("watch --parallel 3 d").error().message, "watch: takes no --parallel");
  EXPECT_THAT(load_words("watch --thmee mono d").error().message,
              HasSubstr("watch: unknown option '--thmee' (did you mean '--theme'?)"));
  EXPECT_THAT(load_words("watch").error().message, HasSubstr("watch: missing: RUN"));
  EXPECT_EQ(load_words("watch a b").error().message, "watch: unexpected argument 'b'");
  EXPECT_EQ(load_words("watch a -- id").error().message, "watch: takes no command");
  EXPECT_THAT(load_words("wacth a").error().message, HasSubstr("(did you mean 'watch'?)"));
}

TEST(LeaveKey, AsPeopleWriteIt) {
  for (const char* text : {"ctrl-]", "Ctrl+]", "C-]", "^]"})
    EXPECT_EQ(*parse_leave_key(text), Key::ctrl(']'));
  for (const char* text : {"", "]", "ctrl-m", "ctrl-[", "F1", "ctrl-ab"})
    EXPECT_FALSE(parse_leave_key(text).ok());
}

}  // namespace
}  // namespace bdsh::config
