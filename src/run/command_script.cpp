#include "run/command_script.hpp"

#include <algorithm>
#include <vector>

#include "core/text.hpp"

namespace bdsh::run {
namespace {

// A value of ssh_config that may hold blanks, quotes and tokens: "…", with `%` doubled.
std::string config_quoted(std::string_view value, bool tokens) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%' && tokens) out += '%';
    out += c;
  }
  return out + '"';
}

class SshWords {
 public:
  void word(std::string_view text) { line_ += " " + shell_quoted(text); }
  void option(const std::string& key, const std::string& value) {
    if (!value.empty()) word("-o" + key + "=" + value);
  }
  void path(const std::string& key, const std::string& path) {
    if (!path.empty()) option(key, config_quoted(path, true));
  }
  void paths(const std::string& key, const std::vector<std::string>& paths) {
    std::string value;
    for (const std::string& path : paths)
      value += (value.empty() ? "" : " ") + config_quoted(path, true);
    option(key, value);
  }
  const std::string& line() const { return line_; }

 private:
  std::string line_;
};

const char* strictness(HostKeyPolicy policy) {
  switch (policy) {
    case HostKeyPolicy::strict:
      return "yes";
    case HostKeyPolicy::accept_new:
      return "accept-new";
    case HostKeyPolicy::ask:
      return "ask";
    case HostKeyPolicy::off:
      return "no";
  }
  return "ask";
}

std::string doubled_percent(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '%' ? 2 : 1, c);
  return out;
}

// What ssh_config patterns match, if it can be said as ssh's host argument at all.
bool fit_for_ssh(const std::string& name) {
  return !name.empty() && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  c == '.' || c == '-' || c == '_';
         });
}

void add_target(const HostSpec& host, SshWords& words) {
  const bool named = fit_for_ssh(host.original) && host.original != host.address;
  if (named) words.option("HostName", doubled_percent(host.address));
  words.word("--");
  words.word(named ? host.original : host.address);
}

void add_credentials(const HostSpec& host, SshWords& words) {
  for (const std::string& file : host.identity_files) words.path("IdentityFile", file);
  for (const std::string& file : host.certificate_files) words.path("CertificateFile", file);
  if (host.identities_only) words.option("IdentitiesOnly", "yes");
  words.path("IdentityAgent", host.identity_agent);
  words.option("PreferredAuthentications", host.preferred_authentications);
}

void add_host_keys(const HostSpec& host, SshWords& words) {
  words.paths("UserKnownHostsFile", host.user_known_hosts);
  words.paths("GlobalKnownHostsFile", host.global_known_hosts);
  words.option("HostKeyAlias", host.host_key_alias);
  words.option("StrictHostKeyChecking", strictness(host.host_key_policy));
  if (host.hash_known_hosts) words.option("HashKnownHosts", "yes");
}

void add_algorithms(const HostSpec& host, SshWords& words) {
  words.option("KexAlgorithms", host.kex_algorithms);
  words.option("HostKeyAlgorithms", host.host_key_algorithms);
  words.option("Ciphers", host.ciphers);
  words.option("MACs", host.macs);
  words.option("PubkeyAcceptedAlgorithms", host.pubkey_algorithms);
  if (host.compression) words.option("Compression", "yes");
}

void add_connection(const HostSpec& host, SshWords& words) {
  if (host.family == HostSpec::Family::inet) words.word("-4");
  if (host.family == HostSpec::Family::inet6) words.word("-6");
  words.option("BindAddress", host.bind_address);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(host.connect_timeout).count();
  if (seconds > 0) words.option("ConnectTimeout", std::to_string(seconds));
  words.option("ServerAliveInterval", std::to_string(host.keepalive_interval.count()));
  words.option("ServerAliveCountMax", std::to_string(host.keepalive_count_max));
}

// One SetEnv: of several only the first counts. A line end cannot be said in ssh_config.
void add_environment(const HostSpec& host, SshWords& words) {
  std::string value;
  for (const auto& [name, text] : host.environment)
    if (text.find_first_of("\r\n") == std::string::npos)
      value += (value.empty() ? "" : " ") + config_quoted(name + "=" + text, false);
  words.option("SetEnv", value);
}

void add_login(const HostSpec& host, SshWords& words);

// The command that ssh(1) reaches the host with: another ssh(1), told all that is known of the last
// jump host. Its own tokens are for the outer one, all others must survive that one's expansion.
std::string way_through(const HostSpec& host) {
  HostSpec jump = host.jumps.back();
  jump.jumps.assign(host.jumps.begin(), host.jumps.end() - 1);
  SshWords words;
  add_login(jump, words);
  add_target(jump, words);
  return "ssh -W '[%h]:%p'" + doubled_percent(words.line());
}

// A way is named in any case: ssh_config may know another one.
void add_way(const HostSpec& host, SshWords& words) {
  std::string command = "none";
  if (!host.jumps.empty())
    command = way_through(host);
  else if (!host.proxy_command.empty())
    command = doubled_percent(host.proxy_command);
  words.option("ProxyCommand", command);
}

void add_login(const HostSpec& host, SshWords& words) {
  words.word("-p");
  words.word(std::to_string(host.port));
  if (!host.user.empty()) {
    words.word("-l");
    words.word(host.user);
  }
  add_way(host, words);
  add_credentials(host, words);
  add_host_keys(host, words);
  add_algorithms(host, words);
  add_connection(host, words);
  add_environment(host, words);
}

std::string ssh_line(const HostSpec& host, const std::optional<std::string>& command, bool pty) {
  SshWords words;
  words.word(pty ? "-tt" : "-T");
  if (host.transport == HostSpec::Transport::openssh) {
    for (const std::string& word : host.ssh_words) words.word(word);
  } else {
    add_login(host, words);
    add_target(host, words);
  }
  if (command)
    words.word(*command);
  else if (!host.remote_command.empty() && host.transport == HostSpec::Transport::libssh)
    words.word(host.remote_command);
  return "exec ssh" + words.line();
}

// The end of the quoted text that begins at `begin`, behind its last quote; text.size() when it has
// none. As shell_quoted() writes it: '…' and, for a quote, '\\''.
std::size_t quoted_end(std::string_view text, std::size_t begin) {
  std::size_t end = text.find('\'', begin + 1);
  while (end != text.npos && text.substr(end, 4) == "'\\''") end = text.find('\'', end + 4);
  return end == text.npos ? text.size() : end + 1;
}

std::string unquoted(std::string_view word) {
  std::string out(word.substr(1, word.size() - 2));
  for (std::size_t at = 0; (at = out.find("'\\''", at)) != out.npos; ++at) out.replace(at, 4, "'");
  return out;
}

}  // namespace

// The last word of the line that begins with "exec ssh", all of whose words are quoted; its text
// may go over several lines.
std::optional<std::string> command_in_script(std::string_view script) {
  constexpr std::string_view kBegin = "\nexec ssh ";
  std::size_t at = script.find(kBegin);
  if (at == script.npos) return std::nullopt;
  at += kBegin.size();
  std::string_view last;
  while (at < script.size() && script[at] == '\'') {
    const std::size_t end = quoted_end(script, at);
    last = script.substr(at, end - at);
    at = end < script.size() && script[end] == ' ' ? end + 1 : end;
  }
  if (last.size() < 2 || script.substr(at) != "\n") return std::nullopt;
  return unquoted(last);
}

std::string command_script(const HostSpec& host, const std::optional<std::string>& command,
                           bool pty) {
  const bool by_ssh = host.transport != HostSpec::Transport::command;
  return "#!/bin/sh\n# Repeats this host's part of the run: " + sanitised(host.name) + "\n" +
         (by_ssh ? ssh_line(host, command, pty)
                 : host.terminal_command) +
         "\n";
}

}  // namespace bdsh::run
