// Two kept runs, compared host by host: what each printed in the last round, under one set of
// masks, and how it ended (docs/runs.md). However large the runs are: transcripts are compared by
// their hashes, and of those that differ one per kind is read again for its lines.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "consensus/comparison.hpp"
#include "report/run_diff.hpp"

namespace bdsh::app {

struct RunsToCompare {
  std::filesystem::path before;
  std::filesystem::path after;
  std::set<std::string> hosts;  // by name; none: all
};

struct ComparedRuns {
  report::RunDiff diff;  // without the runs' names
  std::vector<std::string> warnings;
};

// An error when a run cannot be read, or none of them has a host that is named.
Result<ComparedRuns> compare_runs(const RunsToCompare& runs, consensus::Options options);

}  // namespace bdsh::app
