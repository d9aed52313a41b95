// The YAML configuration as it is written (docs/configuration.md): variables and "~" expanded,
// nothing merged yet. Unknown keys are errors. Every error is of ErrorKind::config and reads
// "FILE:LINE: KEY: what is wrong".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.hpp"
#include "config/host_command.hpp"
#include "config/options.hpp"
#include "core/cell.hpp"
#include "core/error.hpp"

namespace bdsh::config {

// What can be said of a whole cluster and of one of its nodes; the node wins.
struct NodeSettings {
  std::optional<std::string> user;
  std::optional<std::uint16_t> port;
  std::optional<std::string>
      ssh_key;  // absolute, or relative to nothing: taken from the file's folder
  std::optional<std::string> known_hosts;
  std::optional<std::string> jump_host;  // as -J; "none"
};

struct Node {
  std::string hosts;  // a host expression; may name user and port
  std::optional<std::string> name;
  NodeSettings settings;
  int line = 0;  // from 1
};

struct Cluster {
  std::string name;
  std::vector<Node> nodes;
  NodeSettings settings;
  std::optional<TransportChoice> transport;
  bool confirm = false;  // ask before broadcasting to it
  Color color{};         // of its hosts' names
  int line = 0;
  std::string path{};    // the file its lines are of; empty: the configuration
};

// Groups that are kept elsewhere: under `sources:`, or found where other tools have theirs.
struct SourceSetting {
  enum class Kind { commands, ansible, clustershell, dsh, genders };
  Kind kind = Kind::commands;
  std::string name;
  std::string file;  // or folder, where it is no commands
  // Programs with their arguments: what a group's hosts are ("{group}"), all hosts, all groups.
  std::vector<std::string> map, all, list;
  std::chrono::milliseconds timeout{10'000};
  std::chrono::seconds cache{0};  // how long what they print is kept
  bool upcall = false;            // ClusterShell's: "$GROUP" in the line is the group
  std::string directory{};        // to run in
  std::string path{};             // where it is said
  int line = 0;
};

// One of the masks the comparison knows, switched; or, with a pattern, one of the user's own.
struct MaskSetting {
  std::string name;
  std::optional<std::string> pattern;  // RE2 syntax; checked where masks are made
  bool enabled = true;
  std::string where;  // "config.yaml:7: masks[0]"
};

struct ConfigFile {
  std::string path;               // empty: there is none
  std::vector<Cluster> clusters;  // in the order of the file
  std::optional<std::string> default_cluster;
  std::vector<SourceSetting> sources;
  std::optional<std::string> default_source;
  std::vector<CommandTemplate> commands;

  std::optional<std::string> ssh_config_file;  // as -F
  std::optional<std::chrono::milliseconds> connect_timeout;
  std::optional<std::chrono::milliseconds> command_timeout;
  std::optional<int> max_retries;

  std::optional<std::string> theme;
  std::optional<std::string> leave_key;
  std::optional<std::string> on_hangup;
  std::vector<std::string> copy_command;
  bool host_clipboard = false;
  std::optional<bool> masks_on;
  std::vector<MaskSetting> masks;
  std::optional<std::size_t> scrollback;
  std::optional<std::size_t> buffer;
  std::optional<int> parallel;
  std::optional<bool> keep;
  std::optional<AuditTarget> audit;
  std::optional<bool> keyring;

  const Cluster* find(std::string_view cluster) const;
  const CommandTemplate* command(std::string_view name) const;  // null: there is none
  // "file:line: key: message", for errors found later.
  Error error_at(int line, const std::string& key, const std::string& message) const;
};

// `path` is named in errors, and its folder is what relative paths in the file are taken from.
Result<ConfigFile> parse_config(const std::string& text, const std::string& path,
                                const Environment& environment);
Result<ConfigFile> read_config(const std::string& path, const Environment& environment);
// $XDG_CONFIG_HOME/bdsh/config.yaml, else ~/.config/bdsh/config.yaml; never the current directory.
std::string default_config_path(const Environment& environment);

}  // namespace bdsh::config
