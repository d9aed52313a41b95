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

#include "consensus/chain.hpp"
#include "consensus/host_lines.hpp"

namespace bdsh::consensus {

// Ids are read with the host's own lines.
class Transcript {
 public:
  std::size_t size() const { return count_; }  // all lines, kept or not
  // The kept lines: those from unseen() on, up to a bound.
  std::span<const LineId> kept() const { return ids_; }
  std::size_t unseen() const { return unseen_; }  // lines at the beginning: known as chain only
  std::size_t kept_end() const { return unseen_ + ids_.size(); }  // one past the last kept line
  std::optional<LineId> id_at(std::size_t index) const {
    if (index < unseen_ || index >= kept_end()) return std::nullopt;
    return ids_[index - unseen_];
  }
  bool complete() const { return kept_end() == count_; }  // no line after the kept ones
  Chain chain() const { return chain_; }
  // Begins anew behind `lines` lines of which only the chain is known.
  void resume(std::size_t lines, Chain chain);
  // The chain over the first `n` lines; nothing when it is not known (deep in what is not kept).
  std::optional<Chain> chain_at(std::size_t n, const HostLines& lines) const;

  void append(LineId id, Chain line);  // its hashes
  void append_unkept(Chain line);      // its hashes; nothing after it is kept either
  // Cuts to the first `n` lines. A cut in lines whose chain is no longer known leaves a chain that
  // equals no other (`salt` is the host's own): never a false agreement.
  void truncate(std::size_t n, const HostLines& lines, std::uint64_t salt);
  // The ids stand for new masked forms now: chains again. What is not kept counts by its raw text.
  void rebuild(std::vector<LineId> ids, const HostLines& lines);
  // Keeps the first `n` lines alone; of the others the chain stays.
  void keep_only(std::size_t n, const HostLines& lines);
  // The same lines under new ids, after the table was compacted: chains stay.
  void renumber(std::vector<LineId> ids) { ids_ = std::move(ids); }
  void clear() { *this = Transcript(); }

 private:
  static constexpr std::size_t kStride = 16;    // lines between checkpoints
  static constexpr std::size_t kRecent = 1024;  // chains remembered of lines not kept

  std::size_t unseen_ = 0;
  std::uint64_t unseen_chain_ = 0;  // raw
  std::vector<LineId> ids_;
  std::vector<Chain> checkpoints_;  // [i]: before kept line i * kStride
  Chain kept_chain_;                // up to kept_end()
  std::vector<Chain> recent_;       // [i % kRecent]: after line i, of lines not kept
  Chain chain_;
  std::size_t count_ = 0;
};

}  // namespace bdsh::consensus
