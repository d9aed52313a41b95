// What `bdsh-tui list` prints: groups with their hosts, or hosts with how they are entered.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/host_spec.hpp"

namespace bdsh::report {

struct GroupLine {
  std::string source;  // empty: the configuration
  std::string name;    // as it is to be given to -g: "web", "racks:web"
  std::vector<std::string> hosts;
  bool confirm = false;
  std::string error;  // not empty: the hosts are not known
};

// A line a group: name, number of hosts, the hosts folded.
std::string group_list(const std::vector<GroupLine>& groups);
std::string group_list_json(const std::vector<GroupLine>& groups);

struct HostLine {
  HostSpec spec;
  std::string error;                   // not empty: it cannot be entered
  std::optional<std::string> command{};  // what it would run
};

// A line a host: name, user@address:port, group, and the way there when it is not a plain one.
std::string host_list(const std::vector<HostLine>& hosts);
std::string host_list_json(const std::vector<HostLine>& hosts);

const char* to_string(HostSpec::Transport transport);  // "libssh", "openssh", "command"
std::string way_of(const HostSpec& spec);              // "-J bastion", "openssh", … or empty
std::string login_of(const HostSpec& spec);            // "deploy@10.0.0.7:2222"

// Lines of cells in columns two blanks apart; the last column is not padded.
std::string in_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace bdsh::report
