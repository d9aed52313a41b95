// Turns chosen hosts into HostSpecs: what the command line, the YAML configuration and ssh_config
// say of each is put together (docs/configuration.md has the precedence).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/host_choice.hpp"
#include "config/settings.hpp"
#include "config/ssh_config.hpp"

namespace bdsh::config {

class HostMerger {
 public:
  // All references outlive it. `ssh_file`: where `ssh` was read from, when that was said.
  HostMerger(const Options& options, const Environment& environment, const ConfigFile& file,
             Groups& groups, SshConfig ssh, std::optional<std::string> ssh_file);
  ~HostMerger();

  // -i must be there: a typing mistake is to be found before 1,000 logins fail.
  Status check_keys();
  // Nothing: the host is a duplicate, or -x names its address.
  Result<std::optional<HostSpec>> merge(const ChosenHost& chosen, const HostFilter& excluded);

  const std::vector<std::optional<Error>>& problems() const;  // by position in the run
  // Of `transport: command`, by position in the run; their fields are not filled in yet.
  const std::vector<std::string>& transport_lines() const;
  // Whether RequestTTY of all hosts makes a batch run one with terminals.
  bool wants_tty();
  std::vector<Note> take_notes();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bdsh::config
