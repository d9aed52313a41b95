// What stands behind the masked parts of the selected line of the consensus.
#pragma once

#include <vector>

#include "tui/merged_rows.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {

// Empty where nothing is masked.
std::vector<consensus::Spread> spreads_of(const Model& model, const consensus::MergedView& view,
                                          const MergedRow& row);
// The line with ‹12 values, 812…4411› in place of ‹pid›; as it was where the two do not match.
consensus::TextLine with_spreads(const consensus::TextLine& line,
                                 const std::vector<consensus::Spread>& spreads);
// One row at the pane's end: each masked part with its values; numbers with minimum, median,
// maximum.
void draw_spread_status(Scene& scene, const std::vector<consensus::Spread>& spreads, int row);

}  // namespace bdsh::tui
