// ClusterShell's node groups: groups.conf(5), its confdir and autodir.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/environment.hpp"
#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

struct ClusterShellGroups {
  // "roles" → its groups, of YAML files.
  std::vector<std::pair<std::string, std::vector<Cluster>>> files;
  std::vector<SourceSetting> commands;  // sections with upcalls
  std::optional<std::string> default_source;
};

// `path` is a groups.conf. Errors: ErrorKind::config, "FILE:LINE: what is wrong".
Result<ClusterShellGroups> read_clustershell(const std::string& path);

// The groups.conf that ClusterShell would read; nothing when there is none.
std::optional<std::string> clustershell_file(const Environment& environment);

}  // namespace bdsh::config
