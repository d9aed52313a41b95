// Which pieces of a file to ask for next, when answers may be short and come in any order. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

namespace bdsh::transfer {

class ReadPlan {
 public:
  struct Piece {
    std::uint64_t offset;
    std::uint32_t count;
  };
  // Asked for are the bytes from `begin` to `end`, at most `piece` at a time, and never more than
  // `span` beyond the first that has not come: what an unfinished file holds is whole but for
  // its last `span` bytes.
  ReadPlan(std::uint64_t begin, std::uint64_t end, std::uint32_t piece, std::uint64_t span)
      : next_(begin), end_(end), piece_(piece), span_(span) {}

  // The next piece, which is then said to be asked for; nothing: not now.
  std::optional<Piece> take();
  void asked(std::uint32_t id, const Piece& piece) { asked_[id] = piece; }
  // The piece that the answer to `id` belongs to; the rest of a short one is asked for again.
  // Nothing when `got` is more than was asked for, or no bytes at all.
  std::optional<Piece> arrived(std::uint32_t id, std::size_t got);
  bool knows(std::uint32_t id) const { return asked_.contains(id); }
  bool done() const { return next_ >= end_ && again_.empty() && asked_.empty(); }

 private:
  std::uint64_t first_missing() const;

  std::uint64_t next_;
  const std::uint64_t end_;
  const std::uint32_t piece_;
  const std::uint64_t span_;
  std::deque<Piece> again_;
  std::map<std::uint32_t, Piece> asked_;  // by the request's id, which grows
};

}  // namespace bdsh::transfer
