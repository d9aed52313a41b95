// All variants' differences against the reference, merged into one sequence of blocks.
#pragma once

#include <vector>

#include "consensus/align.hpp"
#include "consensus/line_table.hpp"
#include "consensus/outcome.hpp"

namespace bdsh::consensus {

// A variant's lines as what is compared; its alignment is against the first variant.
struct VariantLines {
  std::vector<LineId> keys;
  Alignment alignment;
};

// Where a block lies, in lines of the first variant and, per side, of a variant of that side.
struct BlockPlace {
  struct SidePlace {
    std::vector<std::size_t> variants;
    std::size_t begin = 0;  // lines of variants.front()
    std::size_t end = 0;
    friend bool operator==(const SidePlace&, const SidePlace&) = default;
  };
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<SidePlace> sides;  // empty: common
  friend bool operator==(const BlockPlace&, const BlockPlace&) = default;
};

struct Layout {
  std::vector<BlockPlace> blocks;
  std::size_t shown_variants = 0;  // the first so many; the rest had too many differences in sum
};

// What a view may hold beside the first variant's own lines.
struct ViewBounds {
  std::size_t hunks = 50'000;
  std::size_t side_lines = 20'000;
};

// Differences of several variants become one block where they overlap, or where an insertion
// touches them. Variants with the same lines in a block share a side; side 0 holds the first
// variant's own lines, and all variants that agree with it there.
Layout merge_layout(const std::vector<VariantLines>& variants, const ViewBounds& bounds);

// Line `line` of the first variant, which lies in a common block, in variant `alignment`.
std::size_t map_common_line(const Alignment& alignment, std::size_t line);
// Where a block that begins at line `begin` of the first variant begins in variant `alignment`.
std::size_t map_block_begin(const Alignment& alignment, std::size_t begin);

}  // namespace bdsh::consensus
