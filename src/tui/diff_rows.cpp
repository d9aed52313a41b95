#include "tui/diff_rows.hpp"

#include <algorithm>

namespace bdsh::tui {

using consensus::Diff;
using consensus::DiffRow;

DiffRows::DiffRows(const Diff& diff, const State& state, bool unified)
    : diff_(&diff), state_(&state), unified_(unified) {
  for (std::size_t i = 0; i <= diff.hunks.size(); ++i) {
    Gap gap = gap_before(i);
    gap.first_row = total_;
    gaps_.push_back(gap);
    total_ += static_cast<int>(gap.rows());
    if (i == diff.hunks.size()) break;
    heads_.push_back(total_);
    total_ += static_cast<int>(rows_of_hunk(i));
  }
}

bool DiffRows::unfolded(int gap) const {
  return state_->diff_unfold != (state_->diff_exceptions.count(gap) > 0);
}

DiffRows::Gap DiffRows::gap_before(std::size_t hunk) const {
  Gap gap;
  const auto& hunks = diff_->hunks;
  if (hunk > 0) {
    gap.begin = hunks[hunk - 1].lines.a_end;
    gap.right = hunks[hunk - 1].lines.b_end;
    gap.head = kContext;
  }
  gap.end = hunk < hunks.size() ? hunks[hunk].lines.a_begin : diff_->left_lines;
  if (hunk < hunks.size()) gap.tail = kContext;
  // A fold takes a row itself: hiding one line saves nothing.
  gap.folded = !unfolded(static_cast<int>(hunk)) && gap.end - gap.begin > gap.head + gap.tail + 1;
  return gap;
}

std::size_t DiffRows::rows_of_hunk(std::size_t hunk) const {
  const std::vector<DiffRow>& rows = diff_->hunks[hunk].rows;
  if (!unified_) return rows.size();
  const auto changed = std::count_if(rows.begin(), rows.end(), [](const DiffRow& row) {
    return row.kind == DiffRow::Kind::changed;
  });
  return rows.size() + static_cast<std::size_t>(changed);
}

DiffViewRow DiffRows::row_of_gap(const Gap& gap, int number, std::size_t row) const {
  DiffViewRow made;
  made.gap = number;
  const std::size_t hidden = gap.end - gap.begin - gap.head - gap.tail;
  std::size_t line = gap.begin + row;
  if (gap.folded && row == gap.head) {
    made.kind = DiffViewRow::Kind::fold;
    made.count = hidden;
  } else if (gap.folded && row > gap.head) {
    line += hidden - 1;
  }
  made.left = line;
  made.right = gap.right + (line - gap.begin);
  return made;
}

DiffViewRow DiffRows::row_of_hunk(std::size_t hunk, std::size_t row) const {
  DiffViewRow made;
  made.kind = DiffViewRow::Kind::hunk;
  made.hunk = static_cast<int>(hunk);
  const std::vector<DiffRow>& rows = diff_->hunks[hunk].rows;
  if (!unified_) {
    made.row = &rows[row];
    return made;
  }
  for (const DiffRow& each : rows) {
    const std::size_t height = each.kind == DiffRow::Kind::changed ? 2 : 1;
    made.row = &each;
    made.left_only = height == 2 && row == 0;
    made.right_only = height == 2 && row == 1;
    if (row < height) break;
    row -= height;
  }
  return made;
}

std::vector<DiffViewRow> DiffRows::window(int top, int count) const {
  std::vector<DiffViewRow> rows;
  const auto after = std::upper_bound(gaps_.begin(), gaps_.end(), top,
                                      [](int row, const Gap& gap) { return row < gap.first_row; });
  std::size_t i = after == gaps_.begin() ? 0 : static_cast<std::size_t>(after - gaps_.begin() - 1);
  const int end = std::min(top + count, total_);
  for (int at = std::max(0, top); i < gaps_.size() && at < end; ++i) {
    const Gap& gap = gaps_[i];
    const int hunk_row = gap.first_row + static_cast<int>(gap.rows());
    for (; at < std::min(end, hunk_row); ++at)
      rows.push_back(
          row_of_gap(gap, static_cast<int>(i), static_cast<std::size_t>(at - gap.first_row)));
    if (i == diff_->hunks.size()) break;
    const int hunk_end = hunk_row + static_cast<int>(rows_of_hunk(i));
    for (; at < std::min(end, hunk_end); ++at)
      rows.push_back(row_of_hunk(i, static_cast<std::size_t>(at - hunk_row)));
  }
  return rows;
}

}  // namespace bdsh::tui
