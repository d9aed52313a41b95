// Two kept runs, compared host by host: what each printed in the last round, under one set of
// masks, and how it ended (docs/runs.md). However large the runs are: transcripts are compared by
// their hashes, and of those that differ one per kind is read again for its lines.
#pragma once

#include <filesystem>
#include <optional>
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
  bool lines = false;           // of every host, as far as they fit into memory
};

// A host of either run, with its lines where they are wanted.
struct ComparedHost {
  std::string name;
  std::vector<std::string> own_words;
  std::optional<HostStatus> before;  // nothing: the run has no such host
  std::optional<HostStatus> after;
  std::vector<std::string> lines_before;
  std::vector<std::string> lines_after;
  std::vector<std::string> change;  // "- old", "+ new", "ok -> exit 3"; none: nothing changed
  bool changed() const { return !change.empty(); }
};

struct RunComparison {
  report::RunDiff diff;             // without the runs' names
  std::vector<ComparedHost> hosts;  // in the first run's order, then the second's; only with lines
  std::vector<std::string> warnings;
};

// An error when a run cannot be read, or none of them has a host that is named.
Result<RunComparison> compare_runs(const RunsToCompare& runs, consensus::Options options);

}  // namespace bdsh::app
