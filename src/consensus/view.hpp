// Draws a MergedView from its layout, and again after a change: what stands as it stood is kept, so
// that a frame costs what changed, not what is there.
#pragma once

#include <cstdint>
#include <vector>

#include "consensus/merge.hpp"
#include "consensus/outcome.hpp"
#include "consensus/round_text.hpp"

namespace bdsh::consensus {

class View {
 public:
  void update(const Layout& layout, const std::vector<VariantLines>& variants,
              const Outcome& outcome, RoundText& text);
  const MergedView& get() const { return view_; }
  MergedView take();  // and starts anew

 private:
  std::size_t unchanged_lines(const std::vector<LineId>& lines, const RoundText& text) const;
  void draw_common(const BlockPlace& place, HostId first, RoundText& text, MergedBlock& block);
  void draw_sides(const BlockPlace& place, const Outcome& outcome, RoundText& text,
                  MergedBlock& block);

  MergedView view_;
  Layout layout_;               // of view_
  std::vector<LineId> lines_;   // the first variant's, as drawn
  std::uint64_t id_epoch_ = 0;  // of lines_
  std::size_t emphasised_ = 0;  // line pairs compared for this view

  // While updating: the view before, whose common lines before `unchanged_` can be taken over.
  MergedView old_view_;
  Layout old_layout_;
  std::size_t unchanged_ = 0;
  std::size_t old_block_ = 0;
};

}  // namespace bdsh::consensus
