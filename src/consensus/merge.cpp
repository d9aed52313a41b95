#include "consensus/merge.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace bdsh::consensus {
namespace {

struct Difference {
  Hunk hunk;
  std::size_t variant = 0;
};

std::vector<Difference> differences(const std::vector<VariantLines>& variants, std::size_t shown) {
  std::vector<Difference> all;
  for (std::size_t v = 1; v < shown; ++v)
    for (const Hunk& hunk : variants[v].alignment.hunks) all.push_back({hunk, v});
  std::sort(all.begin(), all.end(), [](const Difference& x, const Difference& y) {
    return std::tie(x.hunk.a_begin, x.hunk.a_end, x.variant) <
           std::tie(y.hunk.a_begin, y.hunk.a_end, y.variant);
  });
  return all;
}

bool joins(const BlockPlace& block, const Hunk& hunk) {
  if (hunk.a_begin < block.end) return true;
  const bool insertion = hunk.a_begin == hunk.a_end || block.begin == block.end;
  return hunk.a_begin == block.end && insertion;
}

// A variant's stretch that stands for the first variant's lines [block.begin, block.end).
struct Stretch {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Stretch stretch_of(const BlockPlace& block, const Hunk& first, const Hunk& last) {
  return {first.b_begin - (first.a_begin - block.begin), last.b_end + (block.end - last.a_end)};
}

std::vector<LineId> lines_of(const VariantLines& variant, const Stretch& stretch) {
  const auto at = variant.keys.begin();
  return {at + static_cast<std::ptrdiff_t>(stretch.begin),
          at + static_cast<std::ptrdiff_t>(stretch.end)};
}

// Fills block.sides from the differences in it.
void add_sides(BlockPlace& block, std::vector<Difference>::iterator begin,
               std::vector<Difference>::iterator end, const std::vector<VariantLines>& variants,
               std::size_t shown) {
  std::stable_sort(begin, end,
                   [](const Difference& x, const Difference& y) { return x.variant < y.variant; });
  std::map<std::vector<LineId>, std::size_t> side_of;
  block.sides.push_back({{0}, block.begin, block.end});
  side_of[lines_of(variants[0], {block.begin, block.end})] = 0;
  std::size_t next = 1;  // variants without a difference here are on the first side
  const auto agree_up_to = [&](std::size_t variant) {
    for (; next < variant; ++next) block.sides[0].variants.push_back(next);
    next = variant + 1;
  };
  for (auto at = begin; at != end;) {
    const std::size_t variant = at->variant;
    const auto stop =
        std::find_if(at, end, [&](const Difference& d) { return d.variant != variant; });
    const Stretch stretch = stretch_of(block, at->hunk, std::prev(stop)->hunk);
    agree_up_to(variant);
    const auto [side, fresh] =
        side_of.try_emplace(lines_of(variants[variant], stretch), block.sides.size());
    if (fresh) block.sides.push_back({{}, stretch.begin, stretch.end});
    block.sides[side->second].variants.push_back(variant);
    at = stop;
  }
  agree_up_to(shown);
}

std::size_t shown_within(const std::vector<VariantLines>& variants, const ViewBounds& bounds) {
  std::size_t hunks = 0;
  std::size_t lines = 0;
  for (std::size_t v = 1; v < variants.size(); ++v) {
    hunks += variants[v].alignment.hunks.size();
    for (const Hunk& hunk : variants[v].alignment.hunks) lines += hunk.b_end - hunk.b_begin;
    if (v > 1 && (hunks > bounds.hunks || lines > bounds.side_lines)) return v;
  }
  return variants.size();
}

}  // namespace

Layout merge_layout(const std::vector<VariantLines>& variants, const ViewBounds& bounds) {
  Layout layout;
  if (variants.empty()) return layout;
  layout.shown_variants = shown_within(variants, bounds);
  std::vector<Difference> all = differences(variants, layout.shown_variants);
  std::size_t line = 0;
  const auto common_until = [&](std::size_t end) {
    if (line < end) layout.blocks.push_back({line, end, {}});
    line = end;
  };
  for (auto at = all.begin(); at != all.end();) {
    BlockPlace block{at->hunk.a_begin, at->hunk.a_end, {}};
    auto stop = std::next(at);
    for (; stop != all.end() && joins(block, stop->hunk); ++stop)
      block.end = std::max(block.end, stop->hunk.a_end);
    common_until(block.begin);
    add_sides(block, at, stop, variants, layout.shown_variants);
    line = block.end;
    layout.blocks.push_back(std::move(block));
    at = stop;
  }
  common_until(variants[0].keys.size());
  return layout;
}

std::size_t map_common_line(const Alignment& alignment, std::size_t line) {
  const auto after = std::upper_bound(
      alignment.hunks.begin(), alignment.hunks.end(), line,
      [](std::size_t at, const Hunk& hunk) { return at < hunk.a_end || at < hunk.a_begin; });
  if (after == alignment.hunks.begin()) return line;
  const Hunk& before = *std::prev(after);
  return line - before.a_end + before.b_end;
}

std::size_t map_block_begin(const Alignment& alignment, std::size_t begin) {
  const auto in_block =
      std::lower_bound(alignment.hunks.begin(), alignment.hunks.end(), begin,
                       [](const Hunk& hunk, std::size_t at) { return hunk.a_begin < at; });
  if (in_block == alignment.hunks.begin()) return begin;
  const Hunk& before = *std::prev(in_block);
  return begin - before.a_end + before.b_end;
}

}  // namespace bdsh::consensus
