// One host's lines of a round, as ids, with a hash chained over them: two transcripts are equal
// when their chains are. The tail can be rewritten from any index. Lines beyond the bounds are
// kept as chain only.
//
// Memory: 4 bytes a line for the id and 1 for the chain's checkpoints.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "consensus/hash.hpp"
#include "consensus/line_table.hpp"

namespace bdsh::consensus {

// A value for the raw and for the masked form.
struct Chain {
  std::uint64_t raw = 0;
  std::uint64_t masked = 0;
  std::uint64_t of(bool use_masked) const { return use_masked ? masked : raw; }
  Chain then(const Chain& line) const { return {mix(raw, line.raw), mix(masked, line.masked)}; }
  friend bool operator==(const Chain&, const Chain&) = default;
};

inline Chain hashes_of(const LineTable& table, LineId id) {
  return {table[id].hash, table[table[id].masked].hash};
}

class Transcript {
 public:
  std::size_t size() const { return count_; }  // all lines, kept or not
  std::span<const LineId> kept() const { return ids_; }
  bool complete() const { return ids_.size() == count_; }  // every line is kept
  Chain chain() const { return chain_; }
  // The chain over the first `n` lines; nothing when it is no longer known (deep in what is not
  // kept).
  std::optional<Chain> chain_at(std::size_t n, const LineTable& table) const;

  void append(LineId id, const LineTable& table);
  void append_unkept(Chain line);  // its hashes; nothing after it is kept either
  // Cuts to the first `n` lines. A cut in lines whose chain is no longer known leaves a chain that
  // equals no other (`salt` is the host's own): never a false agreement.
  void truncate(std::size_t n, const LineTable& table, std::uint64_t salt);
  // The ids stand for new masked forms now: chains again. What is not kept counts by its raw text.
  void rebuild(std::vector<LineId> ids, const LineTable& table);
  // The same lines under new ids, after the table was compacted: chains stay.
  void renumber(std::vector<LineId> ids) { ids_ = std::move(ids); }
  void clear() { *this = Transcript(); }

 private:
  static constexpr std::size_t kStride = 16;    // lines between checkpoints
  static constexpr std::size_t kRecent = 1024;  // chains remembered of lines not kept

  std::vector<LineId> ids_;
  std::vector<Chain> checkpoints_;  // [i]: before line i * kStride, of kept lines
  Chain kept_chain_;                // over ids_
  std::vector<Chain> recent_;       // [i % kRecent]: after line i, of lines not kept
  Chain chain_;
  std::size_t count_ = 0;
};

}  // namespace bdsh::consensus
