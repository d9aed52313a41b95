// Finished rounds as plain values, the oldest forgotten first. What is kept is what was seen: the
// outcome and the view as they stood when the next round began, under the masks of that moment.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "consensus/outcome.hpp"

namespace bdsh::consensus {

// Told by the caller; the engine has no clock.
struct RoundTimes {
  std::optional<std::chrono::system_clock::time_point> started;
  std::optional<std::chrono::system_clock::time_point> ended;
  friend bool operator==(const RoundTimes&, const RoundTimes&) = default;
};

struct RoundRecord {
  int round = 0;
  std::string command;
  RoundTimes times;
  Outcome outcome;
  MergedView view;
};

// About the bytes a view holds, its vectors' and strings' own included.
std::size_t memory_of(const MergedView& view);

class History {
 public:
  // `max_bytes` bounds all views together; a view larger than a quarter of it loses its end, which
  // then counts in left_out_lines.
  History(std::size_t max_rounds, std::size_t max_bytes);

  void add(RoundRecord record);
  const std::vector<RoundRecord>& rounds() const { return rounds_; }  // ascending by number
  const RoundRecord* find(int round) const;                           // null: none, or forgotten

 private:
  std::size_t max_rounds_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::vector<RoundRecord> rounds_;
};

}  // namespace bdsh::consensus
