#include "config/groups.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "config/host_choice.hpp"
#include "config/support.hpp"

namespace bdsh::config {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class Sources : public testing::Test {
 protected:
  Sources() : environment_(quiet_environment(folder_)) {
    environment_.now = std::chrono::system_clock::now();
  }

  std::string write(const std::string& name, const std::string& text) {
    fs::create_directories(fs::path(folder_.path() + "/" + name).parent_path());
    return folder_.write(name, text);
  }

  // "name=user@host:port[key,jump]" of each host of a group, or the error.
  std::string hosts(const std::string& group, const std::string& config = "") {
    auto file = parse_config(config, folder_.path() + "/c.yaml", environment_);
    if (!file) return file.error().message;
    Groups groups(*file, environment_);
    const auto found = groups.hosts(group);
    return found ? shown(*found) : found.error().message;
  }

  std::string expression(const std::string& text, const std::string& config = "") {
    auto file = parse_config(config, folder_.path() + "/c.yaml", environment_);
    if (!file) return file.error().message;
    Groups groups(*file, environment_);
    Options options;
    options.hosts = {text};
    const auto found = choose_hosts(options, environment_, *file, groups);
    return found ? shown(*found) : found.error().message;
  }

  static std::string shown(const std::vector<ChosenHost>& hosts) {
    std::string out;
    for (const ChosenHost& host : hosts) {
      out += (out.empty() ? "" : " ");
      if (host.name != host.target.host) out += host.name + "=";
      out += expression_of(host.target);
      if (host.node == nullptr) continue;
      if (host.node->settings.ssh_key) out += "[" + *host.node->settings.ssh_key + "]";
      if (host.node->settings.jump_host) out += "[-J " + *host.node->settings.jump_host + "]";
    }
    return out;
  }

  TemporaryFolder folder_;
  Environment environment_;
};

TEST_F(Sources, DshGroupsOfTheUserComeBeforeThoseOfTheMachine) {
  write("etc/dsh/group/web", "web[1-2]  # two\n\nbob@web9\n");
  write("etc/dsh/group/db", "db1\n");
  write("home/.dsh/group/db", "db7\n");
  EXPECT_EQ(hosts("web"), "web1 web2 bob@web9");
  EXPECT_EQ(hosts("dsh:db"), "db7");
  EXPECT_EQ(hosts("dsh:*"), "db7 web1 web2 bob@web9");
  EXPECT_EQ(hosts("*"), "db7 web1 web2 bob@web9") << "without a configuration it is the default";
  EXPECT_EQ(hosts("wb"), "unknown group 'wb' (did you mean 'db'?)");
  EXPECT_EQ(expression("@dsh:web!web1,x"), "web2 bob@web9 x");
}

TEST_F(Sources, TheConfigurationComesFirst) {
  write("etc/dsh/group/web", "from-dsh\n");
  const std::string config = "groups: {web: {nodes: [from-yaml]}}\n";
  EXPECT_EQ(hosts("web", config), "from-yaml");
  EXPECT_EQ(hosts("dsh:web", config), "from-dsh");
  EXPECT_EQ(hosts("*", config), "from-yaml");
}

TEST_F(Sources, ErrorsNameFileAndLine) {
  write("etc/dsh/group/web", "web1\nweb[2-\n");
  EXPECT_EQ(hosts("web"), folder_.path() + "/etc/dsh/group/web:2: host expression 'web[2-': column 4: '[' is not closed");
  const std::string genders = write("genders", "a x\nb[ y\n");
  EXPECT_THAT(hosts("g:x", "sources: {g: {genders: genders}}\n"), HasSubstr(genders + ":2: "));
  const std::string ini = write("hosts", "[web]\nweb1 ansible_host\n");
  EXPECT_EQ(hosts("i:web", "sources: {i: {ansible: hosts}}\n"),
            ini + ":2: 'ansible_host' is not NAME=VALUE");
  const std::string yaml = write("hosts.yaml", "all:\n  children:\n    web:\n      hosts: [a]\n");
  EXPECT_EQ(hosts("i:web", "sources: {i: {ansible: hosts.yaml}}\n"),
            yaml + ":4: a map of hosts is expected here");
  EXPECT_THAT(hosts("i:web", "sources: {i: {ansible: nowhere}}\n"), HasSubstr("/nowhere: No such file"));
}

TEST_F(Sources, Genders) {
  write("etc/genders",
        "# the fleet\n"
        "n[1-3] compute,rack=1,\\\n"
        "       pdu=pdu-%n\n"
        "n4     compute,rack=2   # spare\n"
        "io1    io,rack=1\n");
  EXPECT_EQ(hosts("compute"), "n1 n2 n3 n4");
  EXPECT_EQ(hosts("genders:rack=1"), "n1 n2 n3 io1");
  EXPECT_EQ(hosts("rack"), "n1 n2 n3 n4 io1");
  EXPECT_EQ(hosts("genders:pdu=pdu-n2"), "n2");
  EXPECT_EQ(hosts("*"), "n1 n2 n3 n4 io1");
  EXPECT_EQ(expression("@rack=1!@io"), "n1 n2 n3");
}

constexpr const char* kIni = R"(
lonely ansible_host=10.0.0.1
[web]
www[01:03].example.com ansible_port=2222
edge ansible_host=10.0.0.9 ansible_user=root
[db]
db-[a:c] ; no comment, a value
)";

TEST_F(Sources, AnsibleIniWithVariablesAndChildren) {
  write("hosts", std::string(kIni).substr(0, std::string(kIni).find(" ; ")) +
                     "\n[prod:children]\nweb\ndb\n"
                     "[web:vars]\nansible_user=deploy\n"
                     "[prod:vars]\nansible_user=other\nansible_ssh_private_key_file=~/prod\n"
                     "[all:vars]\nansible_ssh_common_args='-o ProxyJump=gate -v'\n");
  const std::string config = "sources: {inv: {ansible: hosts}}\n";
  const std::string key = "[" + environment_.home() + "/prod][-J gate]";
  EXPECT_EQ(hosts("inv:web", config), "deploy@www01.example.com:2222" + key + " deploy@www02.example.com:2222" +
                                          key + " deploy@www03.example.com:2222" + key +
                                          " edge=root@10.0.0.9" + key);
  EXPECT_EQ(hosts("db", config), "other@db-a" + key + " other@db-b" + key + " other@db-c" + key);
  EXPECT_EQ(hosts("ungrouped", config), "lonely=10.0.0.1[-J gate]");
  EXPECT_THAT(hosts("inv:prod", config), HasSubstr("edge=root@10.0.0.9"));
  EXPECT_EQ(expression("@inv:web!www*", config), "edge=root@10.0.0.9" + key)
      << "a host keeps what the inventory says of it";
}

TEST_F(Sources, AnsibleYaml) {
  write("hosts.yml",
        "all:\n"
        "  vars: {ansible_user: amy}\n"
        "  hosts: {lonely: }\n"
        "  children:\n"
        "    web:\n"
        "      hosts:\n"
        "        'web[1:2]': {ansible_port: 22022}\n"
        "        old: {ansible_ssh_host: 10.0.0.3, ansible_user: root}\n"
        "      children: {edge: {hosts: {e1: }}}\n");
  const std::string config = "sources: {inv: {ansible: hosts.yml}}\ndefault_source: inv\n";
  EXPECT_EQ(hosts("web", config), "amy@web1:22022 amy@web2:22022 old=root@10.0.0.3 amy@e1");
  EXPECT_EQ(hosts("*", config),
            "amy@lonely amy@web1:22022 amy@web2:22022 old=root@10.0.0.3 amy@e1");
  EXPECT_EQ(expression("web*,o*", config), "amy@web1:22022 amy@web2:22022 old=root@10.0.0.3");
}

TEST_F(Sources, AnsibleGroupsInACircleAreRefused) {
  const std::string path = write("hosts", "[a:children]\nb\n[b:children]\na\n");
  EXPECT_EQ(hosts("i:a", "sources: {i: {ansible: hosts}}\n"), path + ":1: the group 'a' is in a circle");
}

TEST_F(Sources, ClusterShellFiles) {
  write("etc/clustershell/groups.conf",
        "[Main]\ndefault: roles\nautodir: " + folder_.path() + "/none $CFGDIR/groups.d\n");
  write("etc/clustershell/groups.d/cluster.yaml",
        "roles:\n"
        "    adm: 'n0'\n"
        "    io: '@racks:rack2,n2'\n"
        "    compute: '@racks:rack[3-4]'\n"
        "    all: '@io,@compute'\n"
        "racks:\n"
        "    rack2: 'n[4-5]'\n"
        "    rack3: [ 'n[32-34]', n40 ]\n"
        "    rack4: 'n[34-35]'\n"
        "    odd: '@rack[3,4]!@rack4'\n"
        "    loop: '@loop'\n");
  EXPECT_EQ(hosts("compute"), "n32 n33 n34 n40 n35");
  EXPECT_EQ(hosts("roles:io"), "n4 n5 n2");
  EXPECT_EQ(hosts("racks:odd"), "n32 n33 n40");
  EXPECT_EQ(hosts("*"), "n4 n5 n2 n32 n33 n34 n40 n35");
  EXPECT_EQ(hosts("rack2"), "unknown group 'rack2' (groups: adm, io, compute, all, racks:rack2, racks:rack3, racks:rack4, racks:odd, racks:loop)")
      << "only the default source needs no name";
  EXPECT_THAT(hosts("racks:loop"), HasSubstr("groups.d/cluster.yaml:11: "));
  EXPECT_THAT(hosts("racks:loop"), HasSubstr("is in a circle"));
}

TEST_F(Sources, ANameOfTwoSourcesIsListedWithTheSourceOfTheSecond) {
  write("etc/clustershell/groups.conf", "[Main]\ndefault: roles\nautodir: $CFGDIR/groups.d\n");
  write("etc/clustershell/groups.d/cluster.yaml", "roles: {web: n1, adm: n0}\n");
  const std::string own = "groups: {web: {nodes: [a]}}\n";
  EXPECT_EQ(hosts("web", own), "a");
  EXPECT_EQ(hosts("roles:web", own), "n1");
  EXPECT_EQ(hosts("zzz", own), "unknown group 'zzz' (groups: web, roles:web, adm)");
}

TEST_F(Sources, ClusterShellUpcalls) {
  write("etc/clustershell/groups", "adm: n0\nweb: w[1-2] w9\nall: n0 w[1-2]\n");
  write("etc/clustershell/groups.conf",
        "[Main]\ndefault: local\n"
        "[local]\n"
        "map: sed -n 's/^$GROUP:\\(.*\\)/\\1/p' $CFGDIR/groups\n"
        "all: sed -n 's/^all:\\(.*\\)/\\1/p' $CFGDIR/groups\n"
        "list: sed -n 's/^\\([0-9A-Za-z_-]*\\):.*/\\1/p' $CFGDIR/groups\n"
        "[bad,worse]\nmap: echo no such thing >&2; exit 3\n");
  EXPECT_EQ(hosts("web"), "w1 w2 w9");
  EXPECT_EQ(hosts("local:adm"), "n0");
  EXPECT_EQ(hosts("*"), "n0 w1 w2");
  EXPECT_EQ(hosts("local:w*"), "w1 w2 w9");
  EXPECT_THAT(hosts("worse:x"), HasSubstr("no such thing (exit status 3)"));
  EXPECT_THAT(hosts("local:x'; touch " + folder_.path() + "/hole; '"), HasSubstr("cannot be asked"));
  EXPECT_FALSE(fs::exists(folder_.path() + "/hole"));
}

TEST_F(Sources, CommandsGetTheGroupAsOneArgument) {
  const std::string config = R"(
sources:
  words: {map: [printf, "%s\n", "web[1-2]", "x-{group}"], list: [echo, a, b], all: [echo, "n[1-3]"]}
  line: {map: 'printf "%s " "$#" "$1"'}
default_source: words
)";
  EXPECT_EQ(hosts("words:cloud", config), "web1 web2 x-cloud");
  EXPECT_EQ(hosts("anything", config), "web1 web2 x-anything") << "it is the default source";
  EXPECT_EQ(hosts("line:g", config), "1 g");
  EXPECT_EQ(hosts("*", config), "n1 n2 n3");
  EXPECT_EQ(hosts("words:b*", config), "web1 web2 x-b");
  EXPECT_EQ(hosts("words:*", config), "n1 n2 n3");
  EXPECT_THAT(hosts("line:-x", config), HasSubstr("cannot be asked for a group of this name"));
  EXPECT_THAT(hosts("line:$(id)", config), HasSubstr("cannot be asked for a group of this name"));
  EXPECT_EQ(expression("@line:*", config), "host expression '@line:*': column 1: " + folder_.path() +
                                              "/c.yaml:4: source 'line' has no command 'list'");
}

TEST_F(Sources, CommandsThatFailOrHangAreErrorsOfTheirLine) {
  const std::string config = "sources:\n  a: {map: [sh, -c, 'echo broken >&2; exit 4']}\n"
      "  b: {map: [sleep, '60'], timeout: 0.2}\n  c: {map: [bdsh-no-such-program]}\n"
      "  d: {map: ['true']}\n";
  EXPECT_EQ(hosts("a:x", config), folder_.path() + "/c.yaml:2: source 'a' says: sh: broken (exit status 4)");
  EXPECT_THAT(hosts("b:x", config), HasSubstr(":3: source 'b' says: sleep: no end within"));
  EXPECT_THAT(hosts("c:x", config), HasSubstr("bdsh-no-such-program: No such file"));
  EXPECT_EQ(hosts("d:x", config), "unknown group 'x' of source 'd'") << "no output: no such group";
}

TEST_F(Sources, WhatCommandsPrintIsKeptForAsLongAsTheySay) {
  const std::string count = folder_.path() + "/count";
  const std::string config =
      "sources: {a: {map: 'echo x >> " + count + "; echo n$(wc -l < " + count + ")', cache: 60}}\n";
  EXPECT_EQ(hosts("a:g", config), "n1");
  EXPECT_EQ(hosts("a:g", config), "n1");
  EXPECT_EQ(hosts("a:other", config), "n2");
  const std::string cache = environment_.home() + "/.cache/bdsh/sources";
  int files = 0;
  for (const auto& entry : fs::directory_iterator(cache)) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    ++files;
  }
  EXPECT_EQ(files, 2);
  EXPECT_EQ(fs::status(cache).permissions(), fs::perms::owner_all);
  environment_.now += std::chrono::seconds(61);
  EXPECT_EQ(hosts("a:g", config), "n3");
  for (const auto& entry : fs::directory_iterator(cache)) chmod(entry.path().c_str(), 0644);
  EXPECT_EQ(hosts("a:g", config), "n4") << "what others could read others may have written";
}

TEST_F(Sources, GroupsOfTheConfigurationMayNameOthers) {
  write("hosts", "[web]\nedge ansible_host=10.0.0.9 ansible_user=root\nw1\n");
  const std::string config = R"(
sources: {inv: {ansible: hosts}}
groups:
  prod: {nodes: ["@inv:web", extra], confirm: true}
  both: {nodes: ["@prod!extra", "@db"]}
  db: {nodes: [{name: lb, host: 10.0.0.7}]}
)";
  EXPECT_EQ(hosts("prod", config), "edge=root@10.0.0.9 w1 extra");
  EXPECT_EQ(hosts("both", config), "edge=root@10.0.0.9 w1 lb=10.0.0.7");
  EXPECT_THAT(hosts("a", "groups: {a: {nodes: ['@b']}, b: {nodes: ['@a']}}"), HasSubstr("is in a circle"));
  EXPECT_EQ(hosts("p*d", config), "edge=root@10.0.0.9 w1 extra");
  EXPECT_EQ(expression("@d?,@{prod,db}!w1", config), "lb=10.0.0.7 edge=root@10.0.0.9 extra");
}

TEST_F(Sources, WhatTheConfigurationSaysOfAHostHoldsInEveryGroup) {
  write("etc/dsh/group/some", "lb\nx1\n");
  EXPECT_EQ(hosts("some", "groups: {all: {nodes: [{name: lb, host: 10.0.0.7}], user: amy}}\n"),
            "lb=10.0.0.7 x1");
}

TEST_F(Sources, UnknownSourcesAreNamed) {
  EXPECT_EQ(hosts("nope:web"), "unknown source 'nope' (sources: dsh)");
  EXPECT_THAT(hosts("x", "default_source: nope\n"), HasSubstr("c.yaml: default_source: there is no source 'nope'"));
}

TEST_F(Sources, BrokenSettings) {
  const auto error = [&](const std::string& source) { return hosts("x", "sources: {s: " + source + "}\n"); };
  EXPECT_THAT(error("{}"), HasSubstr("c.yaml:1: sources.s: a source has commands"));
  EXPECT_THAT(error("{dsh: a, genders: b}"), HasSubstr("a source is one file or folder"));
  EXPECT_THAT(error("{dsh: a, map: [b]}"), HasSubstr("a source has commands"));
  EXPECT_THAT(error("{map: 'x {group}'}"), HasSubstr("the group is \"$1\""));
  EXPECT_THAT(error("{map: {}}"), HasSubstr("a list of words is expected here"));
  EXPECT_THAT(error("{mapp: [a]}"), HasSubstr("unknown key (did you mean 'map'?)"));
}

TEST_F(Sources, StandardInputIsAListOfHosts) {
  environment_.input = [] { return std::string("web[1-2] # two\n@g\n"); };
  EXPECT_EQ(expression("-", "groups: {g: {nodes: [x]}}\n"), "web1 web2 x");
  environment_.input = [] { return std::string("a\nb[\n"); };
  EXPECT_THAT(expression("-"), HasSubstr("standard input:2: "));
  environment_.input = [] { return std::string("\n"); };
  EXPECT_EQ(expression("-"), "standard input:1: the file names no host");
}

}  // namespace
}  // namespace bdsh::config
