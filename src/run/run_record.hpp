// run.yaml read from a run directory, as much of it as is there.
#pragma once

#include <string>
#include <vector>

#include "run/run_yaml.hpp"

namespace bdsh::run {

constexpr std::size_t kRunYamlBytes = 256U << 20U;

// `directory` is open; `where` names it in the error. What is damaged is a warning: the lines that
// are whole are taken, and folders that none of them names are hosts.
Result<RunRecord> read_run_record(int directory, const std::string& where,
                                  std::vector<std::string>& warnings);

}  // namespace bdsh::run
