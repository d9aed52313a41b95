// A round of --every as text: what changed since the round before.
#pragma once

#include <string>
#include <vector>

#include "consensus/view.hpp"
#include "core/ids.hpp"
#include "report/text_report.hpp"

namespace bdsh::report {

// Hosts whose output changed in the same way.
struct RoundChange {
  HostSet hosts;
  std::vector<consensus::DiffRow> rows;  // none of them common
  std::string state;                     // "ok → failed", or empty when it is as before
};

struct RoundResult {
  int number = 0;
  std::string time;  // "12:00:05"
  std::size_t of = 0;
  std::vector<RoundChange> changes;
};

// `names` by HostId.
std::string round_report(const RoundResult& round, const std::vector<std::string>& names,
                         const TextOptions& options);

}  // namespace bdsh::report
