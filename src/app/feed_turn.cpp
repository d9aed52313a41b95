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

std::size_t FeedTurn::fitting() const {
  if (usual_ <= Clock::duration::zero()) return 1;
  return static_cast<std::size_t>(std::max<Clock::rep>(1, Clock::duration(kShare) / usual_));
}

}  // namespace bdsh::app
