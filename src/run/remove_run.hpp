// Removing a run directory. Symbolic links are unlinked, never followed; other file systems
// mounted inside are not entered.
#pragma once

#include <filesystem>
#include <string>

#include "core/error.hpp"
#include "run/files.hpp"

namespace bdsh::run {

// Empties the open directory, then removes it from `parent` if `name` there still is this very
// directory. `path` is for the error message; `steps`, if any, counts what is removed.
Status remove_directory(int directory, int parent, const std::string& name,
                        const std::string& path, const DiskSteps& steps = {});

// For a path given by a user: refused unless it is a run directory (a run.yaml with `format:`),
// and while a live run writes it.
Status remove_run(const std::filesystem::path& path);

}  // namespace bdsh::run
