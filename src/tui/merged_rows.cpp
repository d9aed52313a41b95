#include "tui/merged_rows.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace bdsh::tui {

using consensus::MergedBlock;
using consensus::Side;
using consensus::TextLine;

std::vector<std::size_t> wrap_points(const std::string& text, int cols) {
  std::vector<std::size_t> points{0};
  // A column takes at least a byte: most lines are done here.
  if (cols <= 0 || text.size() <= static_cast<std::size_t>(cols)) return points;
  int used = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const int width = std::max(0, char_width(decode_utf8(text, at)));
    if (used + width > cols) {
      points.push_back(begin);
      used = 0;
    }
    used += width;
  }
  return points;
}

int wrap_cols(const State& state) { return state.wrap ? state.consensus_cols : 0; }

MergedRows::MergedRows(const consensus::MergedView& view, const State& state, int cols)
    : view_(&view), state_(&state), cols_(cols) {
  blocks_.reserve(view.blocks.size());
  for (const MergedBlock& block : view.blocks) {
    const bool differs = block.kind == MergedBlock::Kind::difference;
    const int difference = differs ? static_cast<int>(heads_.size()) : -1;
    blocks_.push_back({total_, difference});
    if (differs) heads_.push_back(total_);
    total_ += height(block, difference);
  }
}

bool MergedRows::unfolded(int difference) const {
  return state_->unfold != (state_->exceptions.count(difference) > 0);
}

int MergedRows::lines_height(const std::vector<TextLine>& lines) const {
  if (cols_ == 0) return static_cast<int>(lines.size());
  int rows = 0;
  for (const TextLine& line : lines) rows += static_cast<int>(wrap_points(line.text, cols_).size());
  return rows;
}

int MergedRows::height(const MergedBlock& block, int difference) const {
  if (difference < 0) return lines_height(block.lines);
  int rows = 0;
  for (const Side& side : block.sides) {
    rows += std::max(1, lines_height(side.lines));
    if (!unfolded(difference)) break;
  }
  return rows;
}

void MergedRows::add_lines(std::vector<MergedRow>& rows, MergedRow row,
                           const std::vector<TextLine>& lines) const {
  if (lines.empty() && row.side != nullptr) {
    row.kind = MergedRow::Kind::lacking;
    rows.push_back(row);
    return;
  }
  for (row.line = 0; row.line < lines.size(); ++row.line) {
    const std::string& text = lines[row.line].text;
    const std::vector<std::size_t> points = wrap_points(text, cols_);
    for (std::size_t i = 0; i < points.size(); ++i) {
      row.begin = points[i];
      row.end = i + 1 < points.size() ? points[i + 1] : text.size();
      rows.push_back(row);
      row.head = row.side_head = false;
    }
  }
}

std::vector<MergedRow> MergedRows::rows_of(std::size_t index) const {
  const MergedBlock& block = view_->blocks[index];
  std::vector<MergedRow> rows;
  MergedRow row;
  row.difference = blocks_[index].difference;
  row.block = &block;
  if (row.difference < 0) {
    add_lines(rows, row, block.lines);
    return rows;
  }
  for (const Side& side : block.sides) {
    row.side = &side;
    row.side_head = true;
    row.head = rows.empty();
    add_lines(rows, row, side.lines);
    if (!unfolded(row.difference)) break;
  }
  return rows;
}

std::vector<MergedRow> MergedRows::window(int top, int count) const {
  std::vector<MergedRow> rows;
  const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), top,
                                      [](int row, const Block& b) { return row < b.first_row; });
  std::size_t block = after == blocks_.begin() ? 0 : static_cast<std::size_t>(after - blocks_.begin() - 1);
  for (; block < blocks_.size() && blocks_[block].first_row < top + count; ++block) {
    const int first = blocks_[block].first_row;
    const std::vector<MergedRow> all = rows_of(block);
    for (int i = std::max(0, top - first);
         i < static_cast<int>(all.size()) && first + i < top + count; ++i)
      rows.push_back(all[static_cast<std::size_t>(i)]);
  }
  return rows;
}

}  // namespace bdsh::tui
