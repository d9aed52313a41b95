// From hosts' transcripts to the Outcome: groups by chain, votes, places. docs/consensus.md
// defines the words.
#pragma once

#include <functional>
#include <vector>

#include "consensus/line_table.hpp"
#include "consensus/outcome.hpp"
#include "consensus/transcript.hpp"

namespace bdsh::consensus {

// A host's part of a round, as the grouping reads it.
struct HostRound {
  Transcript lines;  // complete lines
  Progress progress;
  bool has_open = false;     // there is an unfinished line
  LineId open = kNoLine;     // it as a line, when it counts (open_counts) and is kept
  Chain open_hash;           // of its text, when has_open
  bool contradicts = false;  // running, and its open line is what differs: set by group_hosts
};

// A host whose program ended, or whose shell is quiet, will not complete its open line; and one
// that contradicts the reference already need not be completed.
inline bool open_counts(const HostRound& host) {
  const Progress::Kind kind = host.progress.kind;
  const bool live = kind == Progress::Kind::running || kind == Progress::Kind::absent;
  return host.has_open && (!live || host.contradicts);
}
// The number of lines that count, and their chain.
inline std::size_t length(const HostRound& host) {
  return host.lines.size() + (open_counts(host) ? 1 : 0);
}

inline Chain whole_chain(const HostRound& host) {
  return open_counts(host) ? host.lines.chain().then(host.open_hash) : host.lines.chain();
}

struct GroupingInput {
  std::vector<HostRound>& hosts;  // only `contradicts` is written
  const LineTable& table;
  std::function<HostLines(HostId)> lines_of;
  const HostSet& participants;  // the others are absent
  bool masked = true;
  bool success_votes = true;
  std::optional<HostId> pinned = std::nullopt;  // its group is the reference, if it is in one
};

// Everything but Variant::distance. `open_fits(host, of)`: whether the open line of a running host
// may still become the line that follows in `of`'s transcript.
using OpenFits = std::function<bool(HostId host, HostId of)>;
Outcome group_hosts(const GroupingInput& input, const OpenFits& open_fits);

}  // namespace bdsh::consensus
