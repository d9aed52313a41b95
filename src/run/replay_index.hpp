// The index of a run for jumping in it: places in the hosts' logs from which a terminal can go on,
// with what the comparison needs to know of what lies before. Kept as `replay.index` in the run
// directory (docs/run-directory.md) and made anew when it is missing or of other files.
//
// It holds hashes, no output. Numbers are in the machine's own byte order: a file from another
// machine is stale.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/ids.hpp"
#include "run/host_tape.hpp"

namespace bdsh::run {

// Between two points of a host, in lines, at least: less would make a larger index, more would make
// jumps read more.
constexpr std::uint64_t kPointLines = 32;

// A place where the host's terminal stood at the beginning of an empty line.
struct ReplayPoint {
  TapePlace place;
  std::uint64_t line = 0;        // logical line of the terminal
  std::uint64_t round_line = 0;  // the first of the round
  std::uint32_t round = 1;
  std::uint32_t reserved = 0;
  // Chained hashes of the round's lines before `line`, as printed and as masked.
  std::uint64_t chain_raw = 0;
  std::uint64_t chain_masked = 0;
};

struct ReplayIndex {
  std::uint64_t run = 0;                         // RunTape::fingerprint
  std::uint64_t options = 0;                     // of what decides the masked hashes
  std::uint64_t seed = 0;                        // of all hashes
  std::optional<Micros> first_difference;        // hosts agreed before and did not at this moment
  std::vector<std::vector<ReplayPoint>> points;  // by host, ascending
  std::vector<std::vector<std::string>> names;   // that hosts call themselves, by host

  // The last point of the round at or before `log`, and `back` points before that one if there are
  // as many; null: none of this round.
  const ReplayPoint* before(HostId host, int round, std::uint64_t log, std::size_t back) const;
  // The same by time and of any round.
  const ReplayPoint* before(HostId host, Micros at, std::size_t back) const;
  // The last point `rows` lines or more before the last one at or before `log`, of any round; the
  // log's beginning when there is none.
  ReplayPoint screen_before(HostId host, std::uint64_t log, std::uint64_t rows) const;
  // How many points lie between that one and the one about `lines` lines before the moment.
  std::size_t points_back(HostId host, Micros at, std::uint64_t lines) const;
};

inline constexpr const char* kReplayIndexName = "replay.index";

// Nothing when there is none, it is damaged, or it is of other files or options.
std::optional<ReplayIndex> read_replay_index(int directory, std::uint64_t run,
                                             std::uint64_t options, std::size_t hosts);
Status write_replay_index(int directory, const ReplayIndex& index);

}  // namespace bdsh::run
