// Which hosts a run is on: groups, host expressions and exclusions, before ssh_config is asked.
#pragma once

#include <vector>

#include "config/environment.hpp"
#include "config/groups.hpp"
#include "config/host_expression.hpp"
#include "config/options.hpp"
#include "config/yaml_file.hpp"
#include "core/error.hpp"

namespace bdsh::config {

// The hosts of -a, -g and -H, or of default_cluster, or of the group `backendai`; in order, with
// duplicates, without those that -x and -X name.
Result<std::vector<ChosenHost>> choose_hosts(const Options& options, const Environment& environment,
                                             const ConfigFile& file, Groups& groups);
Result<HostFilter> exclusions(const Options& options, Groups& groups);

// The variables that Backend.AI sets in the containers of a cluster session make a group
// `backendai`, unless the file has one. A sub host speaks to the other sub hosts; 2200 and the key
// are where its containers have them.
void add_backend_ai(const Environment& environment, ConfigFile& file);

}  // namespace bdsh::config
