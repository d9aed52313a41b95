// Makes the index of a run by playing all of it once. Blocking; meant for a thread of its own, with
// a tape of its own.
#pragma once

#include <atomic>
#include <optional>

#include "app/run_state.hpp"
#include "run/replay_index.hpp"
#include "run/run_tape.hpp"

namespace bdsh::app {

struct IndexProgress {
  std::atomic<std::uint64_t> bytes{0};  // of RunTape::bytes()
  std::atomic<bool> cancelled{false};
};

// Of what decides which lines are equal: an index of other masks or hosts is stale.
std::uint64_t options_fingerprint(const consensus::Options& compare,
                                  const std::vector<RunHost>& hosts);

// Nothing when it was cancelled. `options.compare.seed` is the index's; `tape` is left at its end.
std::optional<run::ReplayIndex> make_replay_index(run::RunTape& tape, std::vector<RunHost> hosts,
                                                  RunOptions options, IndexProgress& progress);

}  // namespace bdsh::app
