#include "consensus/view.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "consensus/emphasis.hpp"

namespace bdsh::consensus {
namespace {

constexpr std::size_t kMaxEmphasised = 1'000;  // line pairs of a view compared token by token
// Lines drawn of one side: a host that floods must not cost a frame more than the others.
constexpr std::size_t kMaxSideLines = 200;

void count_left_out(const Layout& layout, const std::vector<VariantLines>& variants,
                    const Outcome& outcome, MergedView& view) {
  view.left_out_variants = variants.size() - layout.shown_variants;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const Alignment& alignment = variants[v].alignment;
    view.pending_variants += alignment.pending ? 1 : 0;
    view.coarse_variants += alignment.coarse && !alignment.pending ? 1 : 0;
    view.left_out_lines =
        std::max(view.left_out_lines, outcome.variants[v].line_count - variants[v].keys.size());
  }
}

TextLine more_lines(std::size_t count) {
  TextLine line;
  line.text = "... " + std::to_string(count) + " more lines, not shown here";
  line.spans.push_back({Span::Kind::masked, 0, line.text.size()});
  return line;
}

}  // namespace

void View::update(const Layout& layout, const std::vector<VariantLines>& variants,
                  const Outcome& outcome, RoundText& text) {
  const HostId first = variants.empty() ? HostId{} : outcome.variants[0].representative;
  std::vector<LineId> lines;
  if (!variants.empty()) lines = text.all_lines(first);
  unchanged_ = unchanged_lines(lines, text);
  old_view_ = std::exchange(view_, {});
  old_layout_ = std::exchange(layout_, layout);
  lines_ = std::move(lines);
  id_epoch_ = text.id_epoch();
  old_block_ = 0;
  emphasised_ = 0;
  view_.has_reference = outcome.reference.has_value();
  count_left_out(layout, variants, outcome, view_);
  view_.blocks.resize(layout.blocks.size());
  for (std::size_t i = 0; i < layout.blocks.size(); ++i) {
    if (layout.blocks[i].sides.empty())
      draw_common(layout.blocks[i], first, text, view_.blocks[i]);
    else
      draw_sides(layout.blocks[i], outcome, text, view_.blocks[i]);
  }
  old_view_ = {};
}

MergedView View::take() {
  MergedView taken = std::move(view_);
  *this = View();
  return taken;
}

std::size_t View::unchanged_lines(const std::vector<LineId>& lines, const RoundText& text) const {
  if (id_epoch_ != text.id_epoch()) return 0;
  const auto differ = std::mismatch(lines.begin(), lines.end(), lines_.begin(), lines_.end());
  return static_cast<std::size_t>(differ.first - lines.begin());
}

// Equal ids look alike whichever host printed them, since their masked forms are equal too.
void View::draw_common(const BlockPlace& place, HostId first, RoundText& text, MergedBlock& block) {
  const std::size_t reusable = std::min(place.end, unchanged_);
  std::size_t at = place.begin;
  while (at < reusable && old_block_ < old_layout_.blocks.size()) {
    const BlockPlace& old = old_layout_.blocks[old_block_];
    if (old.end <= at) {
      ++old_block_;
      continue;
    }
    if (!old.sides.empty() || old.begin > at) break;
    std::vector<TextLine>& from = old_view_.blocks[old_block_].lines;
    const std::size_t end = std::min(old.end, reusable);
    const bool rest_is_stale = end == old.end || end == unchanged_;
    if (at == place.begin && at == old.begin && rest_is_stale) {
      block.lines = std::move(from);
      block.lines.resize(end - at);
    } else {
      const auto begin = from.begin() + static_cast<std::ptrdiff_t>(at - old.begin);
      std::move(begin, begin + static_cast<std::ptrdiff_t>(end - at),
                std::back_inserter(block.lines));
    }
    at = end;
    if (end < old.end) break;
  }
  for (; at < place.end; ++at) block.lines.push_back(text.show(first, lines_[at]));
}

void View::draw_sides(const BlockPlace& place, const Outcome& outcome, RoundText& text,
                      MergedBlock& block) {
  block.kind = MergedBlock::Kind::difference;
  std::vector<std::size_t> left_out;
  for (const BlockPlace::SidePlace& from : place.sides) {
    Side& side = block.sides.emplace_back();
    side.variants = from.variants;
    for (const std::size_t v : from.variants) side.hosts |= outcome.variants[v].hosts;
    const HostId host = outcome.variants[from.variants.front()].representative;
    const std::size_t end = std::min(from.end, from.begin + kMaxSideLines);
    side.lines = text.show_all(host, text.all_lines(host), from.begin, end);
    left_out.push_back(from.end - end);
    const bool agreeing = block.sides.size() == 1 && outcome.reference.has_value();
    if (!agreeing) block.hosts |= side.hosts;
  }
  for (std::size_t i = 1; i < block.sides.size() && emphasised_ < kMaxEmphasised; ++i) {
    emphasised_ += emphasis_cost(block.sides[0].lines.size(), block.sides[i].lines.size());
    emphasise(block.sides[0].lines, block.sides[i].lines);
  }
  for (std::size_t i = 0; i < block.sides.size(); ++i)
    if (left_out[i] > 0) block.sides[i].lines.push_back(more_lines(left_out[i]));
}

}  // namespace bdsh::consensus
