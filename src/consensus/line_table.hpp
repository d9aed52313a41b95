// All distinct lines of a round, each stored once. Hosts keep 4-byte LineIds, and equal ids stand
// for equal text, exactly: hashes only find candidates.
//
// A line has a raw form (what was printed) and a masked form (what is compared while masks are
// on); both are lines of this table. The same text can have two masked forms, since a host's own
// name is masked in its own output only: then it has two entries that share `raw`. A line with
// marks in place of names (host_lines.hpp) stands for another text on each host, and has no `raw`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "consensus/huge_allocator.hpp"

namespace bdsh::consensus {

using LineId = std::uint32_t;
constexpr LineId kNoLine = 0xFFFF'FFFFU;

class LineTable {
 public:
  struct Line {
    const char* data = nullptr;
    std::uint32_t size = 0;
    LineId raw = kNoLine;         // the first entry with this text; kNoLine: has marks
    LineId masked = kNoLine;      // the entry of the masked form; itself when nothing is masked
    std::uint32_t shared_in = 0;  // epoch in which the masked form was found to suit every host
    std::uint64_t hash = 0;       // of the text
    std::string_view text() const { return {data, size}; }
    bool spelled() const { return raw == kNoLine; }
  };

  // `max_bytes` bounds texts and entries together.
  explicit LineTable(std::size_t max_bytes);

  const Line& operator[](LineId id) const { return lines_[id]; }
  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return lines_.size(); }

  // Hints that `hash` will be looked up soon.
  void prefetch(std::uint64_t hash) const {
    __builtin_prefetch(&texts_.slots[hash & (texts_.slots.size() - 1)]);
  }
  // An entry with this text whose masked form suits every host (marked in `epoch`), or kNoLine.
  LineId find_shared(std::string_view text, std::uint64_t hash, std::uint32_t epoch) const;
  // Finds or adds the text as a line without masked parts; kNoLine when the table is full.
  LineId add(std::string_view text, std::uint64_t hash) { return add(text, hash, kNoLine); }
  // The same with `masked` as its masked form (kNoLine: itself).
  LineId add(std::string_view text, std::uint64_t hash, LineId masked) {
    return add(texts_, text, hash, masked);
  }
  // The same of texts with marks for a host's names, which are apart: they are few, and looked up
  // for each line that has names in it.
  LineId find_marked(std::string_view text, std::uint64_t hash, std::uint32_t epoch) const;
  LineId add_marked(std::string_view text, std::uint64_t hash, LineId masked) {
    return add(marked_, text, hash, masked);
  }
  void mark_shared(LineId id, std::uint32_t epoch) { lines_[id].shared_in = epoch; }

 private:
  // A part of the hash beside the id: most lines that are not meant are told apart without a look.
  struct Slot {
    LineId id = kNoLine;
    std::uint32_t tag = 0;
  };
  template <typename T>
  using Large = std::vector<T, HugeAllocator<T>>;
  struct Index {
    Large<Slot> slots;  // open addressing, a power of two, at most half full
    std::size_t count = 0;
  };
  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32U);
  }
  template <typename Accept>
  LineId find(const Index& index, std::string_view text, std::uint64_t hash, Accept&& accept) const;
  LineId add(Index& index, std::string_view text, std::uint64_t hash, LineId masked);
  LineId insert(Index& index, std::string_view text, std::uint64_t hash, LineId masked,
                LineId same_text);
  const char* store(std::string_view text);
  void add_chunk(std::size_t least);
  void place(Index& index, LineId id) const;
  void grow(Index& index) const;

  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  Large<Line> lines_;
  Index texts_;
  Index marked_;
  // A text lies in one chunk, which is never filled beyond its capacity: nothing moves. The first
  // ones are small, for tables that stay so.
  std::vector<Large<char>> chunks_;
};

}  // namespace bdsh::consensus
