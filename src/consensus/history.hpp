// Finished rounds as plain values, the oldest forgotten first. What is kept is what was seen: the
// outcome and the view as they stood when the next round began, under the masks of that moment; and
// the transcripts, so that a round can be searched and compared with another.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "consensus/kept_text.hpp"
#include "consensus/merge.hpp"
#include "consensus/outcome.hpp"
#include "consensus/round_times.hpp"

namespace bdsh::consensus {

struct RoundRecord {
  int round = 0;
  std::string command;
  RoundTimes times;
  Outcome outcome;
  MergedView view;
  KeptText text;
  // Where the view's blocks lie in each variant's lines.
  Layout layout;
  std::vector<Alignment> alignments;
};

// About the bytes a view holds, its vectors' and strings' own included.
std::size_t memory_of(const MergedView& view);
std::size_t memory_of(const RoundRecord& record);  // all of it that can be large

class History {
 public:
  // `max_bytes` bounds all records together; a view larger than a quarter of it loses its end,
  // which then counts in left_out_lines.
  History(std::size_t max_rounds, std::size_t max_bytes);

  void add(RoundRecord record);
  const std::vector<RoundRecord>& rounds() const { return rounds_; }  // ascending by number
  const RoundRecord* find(int round) const;                           // null: none, or forgotten
  std::size_t forgotten() const { return forgotten_; }                // rounds that had to go

 private:
  std::size_t max_rounds_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::size_t forgotten_ = 0;
  std::vector<RoundRecord> rounds_;
};

}  // namespace bdsh::consensus
