// What ssh(1) has to be told so that it reaches a host as the user meant: the program's own options
// and the YAML configuration as ssh's options. The rest it finds in ssh_config by itself.
#pragma once

#include <string>
#include <vector>

#include "config/options.hpp"
#include "config/ssh_config.hpp"
#include "core/host_spec.hpp"

namespace bdsh::config {

struct SshAddress {
  const Options& options;
  const SshQuery& query;
  const SshSettings& ssh;               // what ssh_config made of it
  std::optional<std::string> ssh_file;  // -F, "~" expanded
  std::vector<std::string> keys;        // -i and ssh_key, "~" expanded
  std::optional<std::string> known_hosts;
  std::optional<std::string> jump;  // -J or jump_host
  const HostSpec& spec;
};

// Options, "--" and the host.
std::vector<std::string> ssh_words(const SshAddress& address);

// `line` with {host} (as it was written), {user} and {port} replaced by the host's and {command} by the run's (without
// one: a shell), each as one word of sh; "{{" and "}}" are braces. Errors: an unknown field, and a
// command for which the line has no place.
Result<std::string> fill_command(const std::string& line, const HostSpec& spec,
                                 const std::optional<std::string>& command);

}  // namespace bdsh::config
