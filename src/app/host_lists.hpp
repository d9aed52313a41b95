// Hosts of a run saved as lists that -H @FILE reads: by a key of the dashboard, and at the end of a
// run (--save-hosts).
#pragma once

#include <string>
#include <vector>

#include "app/run_state.hpp"
#include "config/options.hpp"
#include "core/error.hpp"

namespace bdsh::app {

// Writes the hosts' expressions to `path` ("~/" is the user's home). Returns what to tell the user:
// what was written where, or why not. A file that is no list of hosts is not replaced.
std::string save_hosts(const RunState& state, const HostSet& hosts, const std::string& path);

// How a run ended: as the screen said when the user left it.
struct RunEnd {
  std::vector<HostStatus> statuses;  // by HostId
  consensus::Outcome outcome;
};
// Which hosts these are; hosts that the user left out are in none.
HostSet hosts_to_save(const RunState& state, const RunEnd& end, config::SaveHosts::Which which);
// Before the run: whether all lists can be written, as far as can be told.
Status check_lists(const std::vector<config::SaveHosts>& lists);
// At its end; says on stderr what was written. The first error ends it.
Status write_lists(const std::vector<config::SaveHosts>& lists, const RunState& state,
                   const RunEnd& end);

}  // namespace bdsh::app
