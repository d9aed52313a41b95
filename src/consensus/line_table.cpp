#include "consensus/line_table.hpp"

#include <algorithm>

namespace bdsh::consensus {
namespace {

constexpr std::size_t kSmallChunk = 64U << 10U;
constexpr std::size_t kSmallChunks = 16;
constexpr std::size_t kLargeChunk = HugeAllocator<char>::kPage;
constexpr std::size_t kFirstSlots = 256;

}  // namespace

LineTable::LineTable(std::size_t max_bytes) : max_bytes_(max_bytes), slots_(kFirstSlots) {}

template <typename Accept>
LineId LineTable::find(std::string_view text, std::uint64_t hash, Accept&& accept) const {
  const std::size_t mask = slots_.size() - 1;
  const std::uint32_t tag = tag_of(hash);
  for (std::size_t at = hash & mask; slots_[at].id != kNoLine; at = (at + 1) & mask) {
    if (slots_[at].tag != tag) continue;
    const Line& line = lines_[slots_[at].id];
    if (line.hash == hash && line.text() == text && accept(line, slots_[at].id))
      return slots_[at].id;
  }
  return kNoLine;
}

LineId LineTable::find_shared(std::string_view text, std::uint64_t hash,
                              std::uint32_t epoch) const {
  return find(text, hash,
              [&](const Line& line, LineId) { return line.shared_in == epoch && !line.spelled(); });
}

LineId LineTable::find_spelled(std::string_view text, std::uint64_t hash,
                               std::uint32_t epoch) const {
  return find(text, hash,
              [&](const Line& line, LineId) { return line.shared_in == epoch && line.spelled(); });
}

LineId LineTable::add(std::string_view text, std::uint64_t hash, LineId masked, bool spelled) {
  LineId same_text = kNoLine;
  const LineId known = find(text, hash, [&](const Line& line, LineId id) {
    if (line.spelled() != spelled) return false;
    same_text = id;
    return line.masked == (masked == kNoLine ? id : masked);
  });
  if (known != kNoLine) return known;
  const LineId fresh = insert(text, hash, masked, same_text);
  if (spelled && fresh != kNoLine) lines_[fresh].raw = kNoLine;
  return fresh;
}

LineId LineTable::insert(std::string_view text, std::uint64_t hash, LineId masked,
                         LineId same_text) {
  const bool fresh = same_text == kNoLine;
  const std::size_t cost = sizeof(Line) + 2 * sizeof(Slot) + (fresh ? text.size() : 0);
  if (bytes_ + cost > max_bytes_ || lines_.size() >= kNoLine - 1) return kNoLine;
  bytes_ += cost;
  const auto id = static_cast<LineId>(lines_.size());
  Line line;
  line.data = fresh ? store(text) : lines_[same_text].data;
  line.size = static_cast<std::uint32_t>(text.size());
  line.raw = fresh ? id : lines_[same_text].raw;
  line.masked = masked == kNoLine ? id : masked;
  line.hash = hash;
  lines_.push_back(line);
  if (lines_.size() * 2 > slots_.size()) grow_slots();
  place(id);
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

void LineTable::place(LineId id) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = lines_[id].hash & mask;
  while (slots_[at].id != kNoLine) at = (at + 1) & mask;
  slots_[at] = {id, tag_of(lines_[id].hash)};
}

void LineTable::grow_slots() {
  slots_.assign(slots_.size() * 4, Slot{});
  for (LineId id = 0; id + 1 < lines_.size(); ++id) place(id);
}

}  // namespace bdsh::consensus
