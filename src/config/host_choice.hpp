// Which hosts a run is on: groups, host expressions and exclusions, before ssh_config is asked.
#pragma once

#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/host_expression.hpp"
#include "config/options.hpp"
#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

// A host that was asked for. Pointers are into the ConfigFile; null for hosts of no group.
struct ChosenHost {
  Target target;
  std::string name;  // what it is to be called; the target's host when nothing else is said
  const Cluster* cluster = nullptr;
  const Node* node = nullptr;
  bool typed = false;  // user and port of `target` are of the command line
};

// The hosts of -g and -H, or of $BACKENDAI_CLUSTER_HOSTS, or of default_cluster; in order, with
// duplicates, without those that -x names. `file` gets the group `backendai` when it is set.
Result<std::vector<ChosenHost>> choose_hosts(const Options& options, const Environment& environment,
                                             ConfigFile& file);
// A host that is named elsewhere, with what the configuration says of one of that name or address.
Result<ChosenHost> choose_named(const ConfigFile& file, const Target& target);
Result<HostFilter> exclusions(const Options& options, const ConfigFile& file);

}  // namespace bdsh::config
