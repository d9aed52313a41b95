// Two transcripts side by side: two hosts', two variants', or of two rounds.
#pragma once

#include <vector>

#include "consensus/align.hpp"
#include "consensus/outcome.hpp"

namespace bdsh::consensus {

// A host's transcript of a round.
struct TextRef {
  int round = 0;
  HostId host;
  friend bool operator==(const TextRef&, const TextRef&) = default;
};

struct DiffHunk {
  Hunk lines;                 // a: the left side's, b: the right side's
  std::vector<DiffRow> rows;  // none of them common
};

// Between the hunks the lines are equal, one to one, under the masks that were on.
struct Diff {
  enum class State {
    ready,
    comparing,  // a finer one is being computed: what differs stands as one hunk
    coarse,     // too large for a finer one: the same for good
    missing,    // a side is not there: no such host in the round, or no longer kept
  };
  State state = State::missing;
  // Whose lines these are: of a round that did not fit, another host of the same variant.
  TextRef left;
  TextRef right;
  std::size_t left_lines = 0;
  std::size_t right_lines = 0;
  std::vector<DiffHunk> hunks;
  std::size_t left_out_rows = 0;  // of the hunks, beyond the bound on what is shown

  bool equal() const { return state != State::missing && hunks.empty(); }
};

constexpr std::size_t kMaxDiffRows = 20'000;  // lines of both sides that hunks hold

// A hunk's lines as rows: similar ones beside each other, with what differs in them emphasised.
std::vector<DiffRow> changed_rows(std::vector<TextLine> left, std::vector<TextLine> right);

}  // namespace bdsh::consensus
