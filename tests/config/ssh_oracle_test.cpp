// The evaluator of ssh_config against `ssh -G`, over the corpus in cases/ssh_configs.txt.
//
// The corpus: "=== TITLE | HOSTS" begins a case; "--- NAME" begins another file of the same case;
// @DIR@ is the folder the files are in; "args: WORDS" (first line) goes to ssh and to the program.

#include <fnmatch.h>
#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <sstream>

#include "config/ssh_config.hpp"
#include "config/support.hpp"
#include "config/words.hpp"

namespace bdsh::config {
namespace {

using Values = std::map<std::string, std::string>;  // keyword → values, joined with blanks

struct Corpus {
  std::string title;
  std::vector<std::string> hosts;
  std::vector<std::string> options;  // -o
  std::map<std::string, std::string> files;
};

std::vector<Corpus> read_corpus() {
  std::istringstream in(slurp(std::string(BDSH_TEST_DATA) + "/cases/ssh_configs.txt"));
  std::vector<Corpus> out;
  std::string file;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("=== ", 0) == 0) {
      const std::size_t bar = line.find(" | ");
      out.push_back({line.substr(4, bar - 4), words(line.substr(bar + 3)), {}, {}});
      file = "config";
    } else if (out.empty()) {
      continue;
    } else if (line.rfind("--- ", 0) == 0) {
      file = line.substr(4);
    } else if (line.rfind("-o ", 0) == 0) {
      out.back().options.push_back(line.substr(3));
    } else {
      out.back().files[file] += line + "\n";
    }
  }
  return out;
}

std::string quoted(const std::string& text) {
  std::string copy = text;
  replace_all(copy, "'", "'\\''");
  return "'" + copy + "'";
}

// What ssh says; nothing when it refuses the configuration.
std::optional<Values> ask_ssh(const std::string& config, const Corpus& corpus,
                              const std::string& host) {
  std::string command = "ssh -G -F " + quoted(config);
  for (const std::string& option : corpus.options) command += " -o " + quoted(option);
  FILE* pipe = popen((command + " " + quoted(host) + " 2>/dev/null </dev/null").c_str(), "r");
  std::string text;
  char chunk[4096];
  while (const std::size_t got = fread(chunk, 1, sizeof chunk, pipe)) text.append(chunk, got);
  if (pclose(pipe) != 0) return std::nullopt;
  Values values;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const std::size_t blank = line.find(' ');
    std::string& value = values[line.substr(0, blank)];
    if (!value.empty()) value += ' ';
    if (blank != std::string::npos) value += line.substr(blank + 1);
  }
  return values;
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& word : list) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> split(const std::string& list, char by) {
  std::istringstream in(list);
  std::vector<std::string> out;
  for (std::string item; std::getline(in, item, by);) out.push_back(item);
  return out;
}

// OpenSSH's meaning of '+', '-' and '^' on a default list.
std::string assembled(const std::string& list, const std::string& defaults) {
  if (list.empty()) return defaults;
  const char sign = list[0];
  if (sign != '+' && sign != '-' && sign != '^') return list;
  const std::vector<std::string> given = split(list.substr(1), ',');
  std::vector<std::string> rest;
  for (const std::string& name : split(defaults, ',')) {
    bool named = false;
    for (const std::string& pattern : given)
      named = named || fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
    if (!named || sign == '+') rest.push_back(name);
  }
  std::vector<std::string> all = sign == '^' ? given : rest;
  for (const std::string& name : sign == '^'   ? rest
                                 : sign == '+' ? given
                                               : std::vector<std::string>{})
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  std::string out = joined(all);
  replace_all(out, " ", ",");
  return out;
}

const char* policy(const std::optional<HostKeyPolicy>& value) {
  if (!value || *value == HostKeyPolicy::ask) return "ask";
  if (*value == HostKeyPolicy::accept_new) return "accept-new";
  return *value == HostKeyPolicy::strict ? "true" : "false";
}

const char* yes_no(bool value) {
  return value ? "yes" : "no";
}

// Our answer in ssh's words. `plain` is what ssh says of an empty configuration.
Values in_ssh_words(const SshSettings& s, const Values& plain, const std::string& home) {
  Values out;
  out["hostname"] = s.address;
  out["user"] = s.user;
  out["port"] = std::to_string(s.port);
  out["addressfamily"] = s.family == HostSpec::Family::any    ? "any"
                         : s.family == HostSpec::Family::inet ? "inet"
                                                              : "inet6";
  out["bindaddress"] = s.bind_address;
  out["identityfile"] = s.identity_files ? joined(*s.identity_files) : plain.at("identityfile");
  replace_all(out["identityfile"], "~", home);
  out["certificatefile"] = joined(s.certificate_files);
  out["identitiesonly"] = yes_no(s.identities_only);
  out["identityagent"] = s.identity_agent;
  out["userknownhostsfile"] = joined(s.user_known_hosts);
  out["globalknownhostsfile"] = joined(s.global_known_hosts);
  out["stricthostkeychecking"] = policy(s.host_key_policy);
  out["hostkeyalias"] = s.host_key_alias;
  out["hashknownhosts"] = yes_no(s.hash_known_hosts);
  out["hostkeyalgorithms"] = assembled(s.host_key_algorithms, plain.at("hostkeyalgorithms"));
  out["kexalgorithms"] = assembled(s.kex_algorithms, plain.at("kexalgorithms"));
  out["ciphers"] = assembled(s.ciphers, plain.at("ciphers"));
  out["macs"] = assembled(s.macs, plain.at("macs"));
  out["pubkeyacceptedalgorithms"] =
      assembled(s.pubkey_algorithms, plain.at("pubkeyacceptedalgorithms"));
  out["preferredauthentications"] = s.preferred_authentications;
  out["gssapiauthentication"] = yes_no(s.gssapi_authentication);
  out["numberofpasswordprompts"] = std::to_string(s.password_prompts);
  out["batchmode"] = yes_no(s.batch_mode);
  out["forwardagent"] = s.forward_agent.empty() ? "no" : s.forward_agent;
  out["compression"] = yes_no(s.compression);
  out["connecttimeout"] = s.connect_timeout ? std::to_string(s.connect_timeout->count()) : "none";
  out["serveraliveinterval"] =
      std::to_string(s.alive_interval.value_or(std::chrono::seconds(0)).count());
  out["requesttty"] = s.request_tty == "yes" ? "true" : s.request_tty == "no" ? "false" : s.request_tty;
  out["loglevel"] = s.log_level;
  out["remotecommand"] = s.remote_command;
  out["serveralivecountmax"] = std::to_string(s.alive_count_max.value_or(3));
  return out;
}

// Makes ssh's answer comparable: paths of keys are printed before "~" is expanded, "none" lists are
// empty here, and methods that are switched off are still in its list.
void normalise(Values& ssh, const std::string& home) {
  replace_all(ssh["identityfile"], "~", home);
  for (const char* key :
       {"identityfile", "certificatefile", "userknownhostsfile", "globalknownhostsfile"})
    if (ssh[key] == "none") ssh[key].clear();
  if (ssh["identityagent"] == "SSH_AUTH_SOCK") ssh["identityagent"].clear();
  if (ssh["pubkeyauthentication"] == "false" || ssh["passwordauthentication"] == "no" ||
      ssh["kbdinteractiveauthentication"] == "no") {
    std::vector<std::string> kept;
    std::string methods = ssh["preferredauthentications"];
    if (methods.empty()) methods = "publickey,keyboard-interactive,password";
    for (const std::string& method : split(methods, ',')) {
      const std::string switch_name = method == "publickey"  ? "pubkeyauthentication"
                                      : method == "password" ? "passwordauthentication"
                                                             : "kbdinteractiveauthentication";
      if (ssh[switch_name] != "no" && ssh[switch_name] != "false") kept.push_back(method);
    }
    std::string list = joined(kept);
    replace_all(list, " ", ",");
    ssh["preferredauthentications"] = list.empty() ? "none" : list;
  }
}

std::string environment_by_ssh(const Values& ssh, const Environment& environment) {
  std::string out;
  const auto sends =
      ssh.count("sendenv") != 0 ? words(ssh.at("sendenv")) : std::vector<std::string>{};
  const std::string set = ssh.count("setenv") != 0 ? ssh.at("setenv") : "";
  for (const auto& [name, value] : environment.variables)
    for (const std::string& pattern : sends)
      if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0 &&
          (" " + set).find(" " + name + "=") == std::string::npos) {
        out += name + "=" + value + " ";
        break;
      }
  return out + set;
}

std::string environment_of(const SshSettings& settings) {
  std::string out;
  for (const auto& [name, value] : settings.environment) out += name + "=" + value + " ";
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class Oracle : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(std::system("command -v ssh >/dev/null"), 0)
        << "openssh-client is needed as the oracle";
    environment_ = Environment::current();
    plain_ = *ask_ssh("/dev/null", {}, "plain");
  }

  // Keywords that differ, as text; empty when all are equal.
  std::string difference(const std::string& config, const Corpus& corpus, const std::string& host) {
    auto ssh = ask_ssh(config, corpus, host);
    const auto ours = resolve(config, corpus, host);
    if (!ssh || !ours) {
      ++compared_;
      return ssh.has_value() == ours.ok() ? ""
             : ssh                        ? "refused here: " + ours.error().message
                                          : "refused by ssh";
    }
    normalise(*ssh, environment_.passwd_home);
    std::string out;
    for (const auto& [key, value] : in_ssh_words(*ours, plain_, environment_.passwd_home)) {
      ++compared_;
      if ((*ssh)[key] != value)
        out += " " + key + ": ssh '" + (*ssh)[key] + "', here '" + value + "'";
    }
    ++compared_;
    std::string sent = environment_by_ssh(*ssh, environment_);
    while (!sent.empty() && sent.back() == ' ') sent.pop_back();
    if (sent != environment_of(*ours))
      out += " environment: ssh '" + sent + "', here '" + environment_of(*ours) + "'";
    if (const std::string way = way_by_ssh(*ssh, *ours, host); !way.empty()) out += way;
    return out;
  }

  // ssh prints ProxyCommand before its tokens are replaced.
  std::string way_by_ssh(Values& ssh, const SshSettings& ours, const std::string& host) {
    compared_ += 2;
    std::string command = ssh["proxycommand"];
    replace_all(command, "%h", ours.address);
    replace_all(command, "%n", host);
    replace_all(command, "%p", std::to_string(ours.port));
    replace_all(command, "%r", ours.user);
    replace_all(command, "%%", "%");
    if (command != ours.proxy_command) return " proxycommand: ssh '" + command + "', here '" + ours.proxy_command + "'";
    return ssh["proxyjump"] == ours.proxy_jump ? "" : " proxyjump: ssh '" + ssh["proxyjump"] + "', here '" + ours.proxy_jump + "'";
  }

  Result<SshSettings> resolve(const std::string& config, const Corpus& corpus,
                              const std::string& host) {
    const auto loaded = SshConfig::load(corpus.options, config, environment_);
    if (!loaded) return loaded.error();
    return loaded->resolve({host, {}, {}, {}, {}});
  }

  Environment environment_;
  Values plain_;
  int compared_ = 0;
};

TEST_F(Oracle, Corpus) {
  int configurations = 0;
  int equal = 0;
  for (Corpus& corpus : read_corpus()) {
    const TemporaryFolder folder;
    for (auto& [name, text] : corpus.files) {
      replace_all(text, "@DIR@", folder.path());
      folder.write(name, text);
    }
    std::string differences;
    const int before = compared_;
    for (const std::string& host : corpus.hosts) {
      const std::string found = difference(folder.path() + "/config", corpus, host);
      if (!found.empty()) differences += " [" + host + "]" + found;
    }
    ++configurations;
    equal += differences.empty() ? 1 : 0;
    std::printf("%-44s %zu hosts %4d values  %s\n", corpus.title.c_str(), corpus.hosts.size(),
                compared_ - before, differences.empty() ? "equal" : differences.c_str());
    EXPECT_EQ(differences, "") << corpus.title;
  }
  std::printf("ssh -G: %d of %d configurations equal, %d values compared\n", equal, configurations,
              compared_);
  EXPECT_GE(configurations, 60);
}

TEST(SshConfigSpeed, AThousandHostsInAThousandBlocks) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "Host web" + std::to_string(i) + " alias" + std::to_string(i) +
            "*\n  HostName 10.0.0." + std::to_string(i % 250) + "\n  Port " +
            std::to_string(2000 + i) + "\n";
  text += "Host *\n  User deploy\n  IdentityFile ~/.ssh/%h\n";
  const std::string path = folder.write("config", text);
  const auto config = SshConfig::load({}, path, quiet_environment(folder));
  ASSERT_TRUE(config.ok()) << config.error().message;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    const auto settings = config->resolve({"web" + std::to_string(i), {}, {}, {}, {}});
    ASSERT_TRUE(settings.ok());
    ASSERT_EQ(settings->port, 2000 + i);
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - begin);
  std::printf("ssh_config: 1,000 Host blocks, %.3f ms a host\n",
              static_cast<double>(us.count()) / 1e6);
  EXPECT_LT(us.count(), 3'000'000)
      << "sanitizers are allowed for; without them it is far below 1 ms";
}

}  // namespace
}  // namespace bdsh::config
