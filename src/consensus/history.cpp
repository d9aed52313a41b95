#include "consensus/history.hpp"

#include <algorithm>

namespace bdsh::consensus {
namespace {

std::size_t memory_of(const TextLine& line) {
  return sizeof(TextLine) + line.text.capacity() + line.spans.capacity() * sizeof(Span);
}

std::size_t memory_of(const std::vector<TextLine>& lines) {
  std::size_t bytes = 0;
  for (const TextLine& line : lines) bytes += memory_of(line);
  return bytes;
}

std::size_t memory_of(const MergedBlock& block) {
  std::size_t bytes = sizeof(MergedBlock) + memory_of(block.lines);
  for (const Side& side : block.sides)
    bytes += sizeof(Side) + side.variants.capacity() * sizeof(std::size_t) + memory_of(side.lines);
  return bytes;
}

// Of the variant the view is read along: side 0 holds its lines in a difference.
std::size_t first_variant_lines(const MergedBlock& block) {
  return block.lines.size() + (block.sides.empty() ? 0 : block.sides.front().lines.size());
}

// Cuts the view behind the last block that fits; of a common block as many lines as fit stay.
void shorten(MergedView& view, std::size_t max_bytes) {
  std::size_t bytes = 0;
  std::size_t kept = 0;
  for (; kept < view.blocks.size(); ++kept) {
    const std::size_t more = memory_of(view.blocks[kept]);
    if (bytes + more > max_bytes) break;
    bytes += more;
  }
  if (kept == view.blocks.size()) return;
  for (std::size_t i = kept; i < view.blocks.size(); ++i)
    view.left_out_lines += first_variant_lines(view.blocks[i]);
  std::vector<TextLine>& lines = view.blocks[kept].lines;
  std::size_t fitting = 0;
  while (fitting < lines.size() && bytes + memory_of(lines[fitting]) <= max_bytes)
    bytes += memory_of(lines[fitting++]);
  view.left_out_lines -= fitting;
  lines.resize(fitting);
  lines.shrink_to_fit();
  view.blocks.resize(fitting > 0 ? kept + 1 : kept);
  view.blocks.shrink_to_fit();
}

}  // namespace

std::size_t memory_of(const MergedView& view) {
  std::size_t bytes = 0;
  for (const MergedBlock& block : view.blocks) bytes += memory_of(block);
  return bytes;
}

std::size_t memory_of(const RoundRecord& record) {
  std::size_t bytes =
      sizeof(RoundRecord) + record.command.size() + memory_of(record.view) + record.text.bytes();
  for (const BlockPlace& block : record.layout.blocks) {
    bytes += sizeof(BlockPlace);
    for (const BlockPlace::SidePlace& side : block.sides)
      bytes += sizeof(side) + side.variants.size() * sizeof(std::size_t);
  }
  for (const Alignment& alignment : record.alignments)
    bytes += sizeof(Alignment) + alignment.hunks.size() * sizeof(Hunk);
  bytes += record.outcome.places.size() * (sizeof(Place) + sizeof(int));
  return bytes + record.outcome.variants.size() * sizeof(Variant);
}

History::History(std::size_t max_rounds, std::size_t max_bytes)
    : max_rounds_(max_rounds), max_bytes_(max_bytes) {}

void History::add(RoundRecord record) {
  if (max_rounds_ == 0) return;
  shorten(record.view, max_bytes_ / 4);
  bytes_ += memory_of(record);
  rounds_.push_back(std::move(record));
  std::size_t forgotten = 0;
  while (rounds_.size() - forgotten > max_rounds_ || bytes_ > max_bytes_)
    bytes_ -= memory_of(rounds_[forgotten++]);
  forgotten_ += forgotten;
  rounds_.erase(rounds_.begin(), rounds_.begin() + static_cast<std::ptrdiff_t>(forgotten));
}

const RoundRecord* History::find(int round) const {
  const auto found = std::find_if(rounds_.begin(), rounds_.end(),
                                  [&](const RoundRecord& record) { return record.round == round; });
  return found == rounds_.end() ? nullptr : &*found;
}

}  // namespace bdsh::consensus
