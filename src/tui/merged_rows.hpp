// The consensus pane's rows: the reference line by line, with the differences folded or unfolded.
// Finding the rows of a window costs the number of blocks, not the number of lines.
#pragma once

#include <optional>
#include <vector>

#include "consensus/outcome.hpp"
#include "tui/state.hpp"

namespace bdsh::tui {

struct MergedRow {
  enum class Kind : std::uint8_t { line, lacking };  // lacking: these hosts have no such line
  Kind kind = Kind::line;
  int difference = -1;     // number of the difference; -1: a common line
  const consensus::MergedBlock* block = nullptr;
  const consensus::Side* side = nullptr;  // null: a common line
  bool head = false;       // the difference's first row, with its marker
  bool side_head = false;  // the side's first row, with its letter and hosts
  std::size_t line = 0;
  std::size_t begin = 0;  // bytes of the line
  std::size_t end = 0;
};

// The width that the consensus' lines wrap at; 0: they are cropped.
int wrap_cols(const State& state);

class MergedRows {
 public:
  // `view` outlives it; `cols` is the width that lines wrap at (0: they are cropped).
  MergedRows(const consensus::MergedView& view, const State& state, int cols);

  int total() const { return total_; }
  int differences() const { return static_cast<int>(heads_.size()); }
  int head_of(int difference) const { return heads_[static_cast<std::size_t>(difference)]; }
  bool unfolded(int difference) const;
  std::vector<MergedRow> window(int top, int count) const;

 private:
  struct Block {
    int first_row;
    int difference;  // -1: common
  };
  int height(const consensus::MergedBlock& block, int difference) const;
  int lines_height(const std::vector<consensus::TextLine>& lines) const;
  std::vector<MergedRow> rows_of(std::size_t block) const;
  void add_lines(std::vector<MergedRow>& rows, MergedRow row,
                 const std::vector<consensus::TextLine>& lines) const;

  const consensus::MergedView* view_;
  const State* state_;
  int cols_;
  std::vector<Block> blocks_;
  std::vector<int> heads_;  // first row of each difference
  int total_ = 0;
};

// Byte offsets where the text breaks into rows of `cols` columns, without the last end.
std::vector<std::size_t> wrap_points(const std::string& text, int cols);

}  // namespace bdsh::tui
