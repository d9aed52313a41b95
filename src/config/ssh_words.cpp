#include "config/ssh_words.hpp"

#include <algorithm>
#include <map>

#include "config/ssh_config.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

// A value of ssh_config that may hold blanks and tokens.
std::string config_quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '%') out += '%';
    out += c;
  }
  return out + '"';
}

const char* word_of(HostKeyPolicy policy) {
  switch (policy) {
    case HostKeyPolicy::strict: return "yes";
    case HostKeyPolicy::accept_new: return "accept-new";
    case HostKeyPolicy::ask: return "ask";
    case HostKeyPolicy::off: return "no";
  }
  return "ask";
}

class Words {
 public:
  void add(const std::string& option, const std::string& value) {
    words_.push_back(option);
    words_.push_back(value);
  }
  void flag(const std::string& option) { words_.push_back(option); }
  void set(const std::string& keyword, const std::string& value) {
    add("-o", keyword + "=" + value);
  }
  std::vector<std::string> take(const std::string& host) {
    words_.insert(words_.end(), {"--", host});
    return std::move(words_);
  }

 private:
  std::vector<std::string> words_;
};

bool option_sets(const Options& options, const std::string& keyword) {
  for (const std::string& option : options.ssh_options)
    if (lower(option.substr(0, option.find_first_of("= "))) == keyword) return true;
  return false;
}

// What is configured counts less than -o, which counts less than ssh's own -l and -p.
void add_login(const SshAddress& a, Words& words) {
  if (a.query.user)
    words.add("-l", *a.query.user);
  else if (a.query.configured_user && !option_sets(a.options, "user"))
    words.add("-l", *a.query.configured_user);
  if (a.query.port)
    words.add("-p", std::to_string(*a.query.port));
  else if (a.query.configured_port && !option_sets(a.options, "port"))
    words.add("-p", std::to_string(*a.query.configured_port));
}

// This program's defaults where ssh_config says nothing.
void add_defaults(const SshAddress& a, Words& words) {
  if (a.options.host_key_policy)
    words.set("StrictHostKeyChecking", word_of(*a.options.host_key_policy));
  else if (!a.ssh.host_key_policy)
    words.set("StrictHostKeyChecking", word_of(a.spec.host_key_policy));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(a.spec.connect_timeout).count();
  words.set("ConnectTimeout", std::to_string(seconds));
  if (!a.ssh.alive_interval)
    words.set("ServerAliveInterval", std::to_string(a.spec.keepalive_interval.count()));
}

}  // namespace

std::vector<std::string> ssh_words(const SshAddress& a) {
  Words words;
  if (a.ssh_file) words.add("-F", *a.ssh_file);
  // The first value of a keyword counts: the strict policy of an option comes before -o.
  if (a.options.host_key_policy || a.options.connect_timeout) add_defaults(a, words);
  for (const std::string& option : a.options.ssh_options) words.add("-o", option);
  add_login(a, words);
  for (const std::string& key : a.keys) words.add("-i", key);
  if (a.known_hosts) words.set("UserKnownHostsFile", config_quoted(*a.known_hosts));
  if (a.jump) words.add("-J", *a.jump);
  if (a.options.forward_agent) words.flag("-A");
  if (!a.options.host_key_policy && !a.options.connect_timeout) add_defaults(a, words);
  return words.take(a.query.host);
}

Result<std::string> fill_command(const std::string& line, const HostSpec& spec,
                                 const std::optional<std::string>& command) {
  const std::map<std::string, std::string> fields = {
      {"{host}", shell_quoted(spec.original)},
      {"{user}", shell_quoted(spec.user)},
      {"{port}", std::to_string(spec.port)},
      {"{command}", shell_quoted(command.value_or("exec sh"))},
  };
  if (command && line.find("{command}") == line.npos)
    return Error{ErrorKind::usage, "the transport's line has no {command}, so it cannot run one"};
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool brace = line[at] == '{' || line[at] == '}';
    if (brace && at + 1 < line.size() && line[at + 1] == line[at]) ++at;  // a brace itself
    else if (line[at] == '{') {
      const std::size_t close = std::min(line.size() - 1, line.find('}', at));
      const auto field = fields.find(line.substr(at, close - at + 1));
      if (field == fields.end())
        return Error{ErrorKind::usage, "the transport's line: unknown field " +
                                           sanitised(line.substr(at, close - at + 1), 64)};
      out += field->second;
      at = close;
      continue;
    }
    out += line[at];
  }
  return out;
}

}  // namespace bdsh::config
