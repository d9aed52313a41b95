#include "app/feed_turn.hpp"

#include <algorithm>

namespace bdsh::app {

bool FeedTurn::spent(HostId host, std::size_t bytes, Clock::time_point began,
                     Clock::time_point ended) {
  if (began >= end()) {
    start_ = began;
    used_ = {};
    bytes_.assign(bytes_.size(), 0);
  }
  if (host.value >= bytes_.size()) bytes_.resize(host.value + 1);
  bytes_[host.value] += bytes;
  used_ += ended - began;
  if (bytes > kLittle) usual_ += (ended - began - usual_) / 8;
  return used_ >= kShare && bytes_[host.value] > kLittle;
}

FeedTurn::Clock::duration FeedTurn::gap() const {
  constexpr Clock::duration kLeast = std::chrono::milliseconds(1);
  if (usual_ <= Clock::duration::zero()) return kTurn;
  return std::clamp<Clock::duration>(usual_ * kTurn.count() / kShare.count(), kLeast, kTurn);
}

}  // namespace bdsh::app
