// What sources' commands printed, kept for a while in $XDG_CACHE_HOME/bdsh/sources.
#pragma once

#include <chrono>
#include <string>

#include "config/command_output.hpp"
#include "config/environment.hpp"

namespace bdsh::config {

// The command's output, or what it printed less than `age` ago; 0: it runs each time. Only successes
// are kept. The folder is 0700, a file 0600, replaced at once; whatever goes wrong with them is no
// error: the command runs.
Result<std::string> cached_output(const CommandCall& call, std::chrono::seconds age,
                                  const Environment& environment);

}  // namespace bdsh::config
