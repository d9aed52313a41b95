// The diff view's rows: hunks, and the equal lines around them folded to a few. Finding the rows of
// a window costs the number of hunks, not the number of lines.
#pragma once

#include <optional>
#include <vector>

#include "consensus/diff.hpp"
#include "tui/state.hpp"

namespace bdsh::tui {

struct DiffViewRow {
  enum class Kind : std::uint8_t { common, fold, hunk };
  Kind kind = Kind::common;
  int gap = -1;   // common, fold: the equal lines before this hunk; the number of hunks: the last
  int hunk = -1;  // hunk: its number
  std::size_t left = 0;   // common: line of the left side; fold: the first hidden one
  std::size_t right = 0;  // common: line of the right side
  std::size_t count = 0;  // fold: lines hidden
  const consensus::DiffRow* row = nullptr;  // hunk
  // Unified: a changed row stands as two, the left side's and the right side's.
  bool left_only = false;
  bool right_only = false;
};

class DiffRows {
 public:
  static constexpr std::size_t kContext = 3;  // equal lines beside a hunk that are always shown

  // `diff` and `state` outlive it.
  DiffRows(const consensus::Diff& diff, const State& state, bool unified);
  int total() const { return total_; }
  int head_of(int hunk) const { return heads_[static_cast<std::size_t>(hunk)]; }
  bool unfolded(int gap) const;
  std::vector<DiffViewRow> window(int top, int count) const;

 private:
  // Equal lines [begin, end) of the left side, in front of a hunk or at the end.
  struct Gap {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t right = 0;  // the right side's line at `begin`
    std::size_t head = 0;   // shown at its beginning and end, when folded
    std::size_t tail = 0;
    bool folded = false;
    int first_row = 0;
    std::size_t rows() const { return folded ? head + 1 + tail : end - begin; }
  };
  Gap gap_before(std::size_t hunk) const;
  DiffViewRow row_of_gap(const Gap& gap, int number, std::size_t row) const;
  DiffViewRow row_of_hunk(std::size_t hunk, std::size_t row) const;
  std::size_t rows_of_hunk(std::size_t hunk) const;

  const consensus::Diff* diff_;
  const State* state_;
  bool unified_;
  std::vector<Gap> gaps_;   // one more than hunks
  std::vector<int> heads_;  // first row of each hunk
  int total_ = 0;
};

}  // namespace bdsh::tui
