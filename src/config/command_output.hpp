// Programs whose output says something about hosts: sources of groups.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace bdsh::config {

struct CommandCall {
  std::vector<std::string> words;  // the program, looked up in $PATH, and its arguments; no shell
  std::chrono::milliseconds timeout{10'000};
  std::string directory{};  // to run in; empty: the current one
};

// What it prints, up to 8 MiB. Its input is empty; the first line of its standard error becomes part
// of the error when it ends with another status than 0. Beyond the timeout its whole process group
// is killed. Blocks: for the time before a run only. ErrorKind::config.
Result<std::string> output_of(const CommandCall& call);

}  // namespace bdsh::config
