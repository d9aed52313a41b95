// What each host of a run is to run: a command, a template filled in for it, a script.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace bdsh::config {

// Once the hosts' names are settled. `lines`: of `transport: command`, by position in the run.
Status add_commands(const Options& options, const ConfigFile& file,
                    const std::vector<std::string>& lines, Settings& out);
// A template filled in for each host, or a script, as it was then; one that asks now asks again.
Status add_commands_again(const Again& again, const Options& options, const ConfigFile& file,
                          Settings& out);

}  // namespace bdsh::config
