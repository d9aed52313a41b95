#include "consensus/diff.hpp"

#include <utility>

#include "consensus/emphasis.hpp"

namespace bdsh::consensus {

std::vector<DiffRow> changed_rows(std::vector<TextLine> left, std::vector<TextLine> right) {
  std::vector<DiffRow> rows;
  std::size_t i = 0;
  std::size_t j = 0;
  const auto one_sided_until = [&](std::size_t left_end, std::size_t right_end) {
    for (; i < left_end; ++i)
      rows.push_back({DiffRow::Kind::removed, std::move(left[i]), std::nullopt});
    for (; j < right_end; ++j)
      rows.push_back({DiffRow::Kind::added, std::nullopt, std::move(right[j])});
  };
  for (const auto& [at_left, at_right] : pair_similar(left, right)) {
    one_sided_until(at_left, at_right);
    emphasise_pair(left[i], right[j]);
    rows.push_back({DiffRow::Kind::changed, std::move(left[i++]), std::move(right[j++])});
  }
  one_sided_until(left.size(), right.size());
  return rows;
}

}  // namespace bdsh::consensus
