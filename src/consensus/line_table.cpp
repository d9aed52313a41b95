#include "consensus/line_table.hpp"

#include <algorithm>
#include <utility>

namespace bdsh::consensus {
namespace {

constexpr std::size_t kSmallChunk = 64U << 10U;
constexpr std::size_t kSmallChunks = 16;
constexpr std::size_t kLargeChunk = HugeAllocator<char>::kPage;
constexpr std::size_t kFirstSlots = 256;

}  // namespace

LineTable::LineTable(std::size_t max_bytes)
    : max_bytes_(max_bytes), texts_{Large<Slot>(kFirstSlots)}, marked_{Large<Slot>(kFirstSlots)} {}

template <typename Accept>
LineId LineTable::find(const Index& index, std::string_view text, std::uint64_t hash,
                       Accept&& accept) const {
  const Large<Slot>& slots = index.slots;
  const std::size_t mask = slots.size() - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::size_t at = hash & mask; slots[at].id != kNoLine; at = (at + 1) & mask) {
    if (slots[at].tag != tag) continue;
    const Line& line = lines_[slots[at].id];
    if (line.hash == hash && line.text() == text && accept(slots[at].id)) return slots[at].id;
  }
  return kNoLine;
}

LineId LineTable::find_shared(std::string_view text, std::uint64_t hash,
                              std::uint32_t epoch) const {
  return find(texts_, text, hash, [&](LineId id) { return lines_[id].shared_in == epoch; });
}

LineId LineTable::find_marked(std::string_view text, std::uint64_t hash,
                              std::uint32_t epoch) const {
  return find(marked_, text, hash, [&](LineId id) { return lines_[id].shared_in == epoch; });
}

LineId LineTable::add(Index& index, std::string_view text, std::uint64_t hash, LineId masked) {
  LineId same_text = kNoLine;
  const LineId known = find(index, text, hash, [&](LineId id) {
    same_text = id;
    return lines_[id].masked == (masked == kNoLine ? id : masked);
  });
  return known != kNoLine ? known : insert(index, text, hash, masked, same_text);
}

LineId LineTable::insert(Index& index, std::string_view text, std::uint64_t hash, LineId masked,
                         LineId same_text) {
  const bool fresh = same_text == kNoLine;
  const std::size_t cost = sizeof(Line) + 2 * sizeof(Slot) + (fresh ? text.size() : 0);
  if (bytes_ + cost > max_bytes_ || lines_.size() >= kNoLine - 1) return kNoLine;
  bytes_ += cost;
  const auto id = static_cast<LineId>(lines_.size());
  Line line;
  line.data = fresh ? store(text) : lines_[same_text].data;
  line.size = static_cast<std::uint32_t>(text.size());
  if (&index == &texts_) line.raw = fresh ? id : lines_[same_text].raw;
  line.masked = masked == kNoLine ? id : masked;
  line.hash = hash;
  lines_.push_back(line);
  if (++index.count * 2 > index.slots.size()) grow(index);
  place(index, id);
  return id;
}

const char* LineTable::store(std::string_view text) {
  if (text.empty()) return "";
  if (chunks_.empty() || chunks_.back().capacity() - chunks_.back().size() < text.size())
    add_chunk(text.size());
  Large<char>& chunk = chunks_.back();
  const std::size_t at = chunk.size();
  chunk.insert(chunk.end(), text.begin(), text.end());
  return chunk.data() + at;
}

void LineTable::add_chunk(std::size_t least) {
  const std::size_t usual = chunks_.size() < kSmallChunks ? kSmallChunk : kLargeChunk;
  chunks_.emplace_back().reserve(std::max(least, usual));
}

void LineTable::place(Index& index, LineId id) const {
  const std::size_t mask = index.slots.size() - 1;
  std::size_t at = lines_[id].hash & mask;
  while (index.slots[at].id != kNoLine) at = (at + 1) & mask;
  index.slots[at] = {id, tag_of(lines_[id].hash)};
}

void LineTable::grow(Index& index) const {
  const Large<Slot> before = std::move(index.slots);
  index.slots = Large<Slot>(before.size() * 4);
  for (const Slot& slot : before)
    if (slot.id != kNoLine) place(index, slot.id);
}

}  // namespace bdsh::consensus
