// Making the directory of a new run.
#pragma once

#include <filesystem>
#include <string>

#include "run/files.hpp"

namespace bdsh::run {

// The open directory, locked (flock) as long as it is open: how a viewer tells a live run from one
// whose program was killed.
struct RunDirectory {
  std::filesystem::path path;
  Fd parent;
  std::string name;  // in parent
  Fd fd;
};

// `path` itself, new or empty and the user's own. Missing parents are made, 0700.
Result<RunDirectory> make_run_directory(const std::filesystem::path& path);
// A new directory below `parent` called `name`, or `name-2` and so on when that is taken.
Result<RunDirectory> make_run_directory(const std::filesystem::path& parent,
                                        const std::string& name);

}  // namespace bdsh::run
