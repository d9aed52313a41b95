// Alignment of two sequences by content: which stretches differ. Shortest edit script by dtl
// (Wu, Manber, Myers, Miller: "An O(NP) Sequence Comparison Algorithm", 1990), after what needs no
// search has been taken away: the common beginning and end, and elements on one side only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bdsh::consensus {

// a[a_begin, a_end) became b[b_begin, b_end); one of the two may be empty, never both.
struct Hunk {
  std::size_t a_begin = 0;
  std::size_t a_end = 0;
  std::size_t b_begin = 0;
  std::size_t b_end = 0;
  friend bool operator==(const Hunk&, const Hunk&) = default;
};

struct Alignment {
  std::vector<Hunk> hunks;  // ascending; between them the sequences are equal, one to one
  std::size_t middle = 0;   // elements, of both sides, that differ in place: the cost of aligning
  bool coarse = false;      // beyond the cap: the middle is one hunk
  bool pending = false;     // the same, but a finer one is being computed (alignments.hpp)
  // Elements that differ: of each hunk the longer side.
  std::size_t distance() const;
};

constexpr std::size_t kAlignCap = 4'000;        // elements left for the search; more: one hunk
constexpr std::size_t kAlignExpensive = 1'000;  // more take milliseconds when shuffled

// Whether align() would be done within a millisecond or so: what is left for the search is short,
// or few edits lead from one side to the other. Linear in the lines itself.
bool quick_to_align(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b);

// `cap` 0: no search at all, the middle is one hunk.
Alignment align(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b,
                std::size_t cap = kAlignCap);

}  // namespace bdsh::consensus
