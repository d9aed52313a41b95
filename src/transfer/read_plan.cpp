#include "transfer/read_plan.hpp"

#include <algorithm>

namespace bdsh::transfer {

std::uint64_t ReadPlan::first_missing() const {
  std::uint64_t first = next_;
  for (const auto& [id, piece] : asked_) first = std::min(first, piece.offset);
  for (const Piece& piece : again_) first = std::min(first, piece.offset);
  return first;
}

std::optional<ReadPlan::Piece> ReadPlan::take() {
  if (!again_.empty()) {
    const Piece piece = again_.front();
    again_.pop_front();
    return piece;
  }
  if (next_ >= end_ || next_ - first_missing() >= span_) return {};
  const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(piece_, end_ - next_));
  const Piece piece{next_, count};
  next_ += count;
  return piece;
}

std::optional<ReadPlan::Piece> ReadPlan::arrived(std::uint32_t id, std::size_t got) {
  const auto found = asked_.find(id);
  if (found == asked_.end()) return {};
  const Piece piece = found->second;
  if (got == 0 || got > piece.count) return {};
  asked_.erase(found);
  const auto count = static_cast<std::uint32_t>(got);
  if (count < piece.count) again_.push_back({piece.offset + count, piece.count - count});
  return Piece{piece.offset, count};
}

}  // namespace bdsh::transfer
