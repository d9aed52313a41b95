// bdsh-tui runs, rm, prune; the run that --cached takes the answer from.
#pragma once

#include <filesystem>
#include <optional>

#include "app/setup.hpp"

namespace bdsh::app {

std::filesystem::path runs_home();  // where runs are kept that were not given a directory
int print_runs(const config::Settings& settings);
int remove_runs(const config::Settings& settings);
int prune_runs(const config::Settings& settings);

// The newest kept run of the same hosts, users, ports and command that ended on all hosts within
// settings.cached; nothing when there is none.
std::optional<std::filesystem::path> cached_run(const config::Settings& settings);

}  // namespace bdsh::app
