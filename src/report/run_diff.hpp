// What changed on the hosts from one run to another: hosts with the same change are one entry
// (docs/runs.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/outcome.hpp"
#include "report/text_report.hpp"

namespace bdsh::report {

struct HostChange {
  std::vector<std::string> hosts;  // at least one
  std::string before;  // how it ended: "exit 3", "refused"; empty: in order
  std::string after;
  std::vector<consensus::DiffRow> rows;  // all of them; masked parts are equal
  bool cut = false;  // the transcripts differ, and are longer than `rows`
};

struct RunDiff {
  struct Change {
    std::vector<std::string> hosts;
    std::string before;
    std::string after;
    std::vector<consensus::DiffRow> rows;  // of the first host
    bool cut = false;
  };
  std::string before;  // the runs' names
  std::string after;
  std::vector<std::string> unchanged;
  std::vector<Change> changes;  // most hosts first
  std::vector<std::string> only_before;
  std::vector<std::string> only_after;
  bool same() const { return changes.empty() && only_before.empty() && only_after.empty(); }
};

// Fills `unchanged` and `changes`.
void fold_changes(std::vector<HostChange> hosts, RunDiff& diff);

std::string run_diff_text(const RunDiff& diff, const TextOptions& options);
std::string run_diff_json(const RunDiff& diff);

}  // namespace bdsh::report
