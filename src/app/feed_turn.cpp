#include "app/feed_turn.hpp"

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
  return used_ >= kShare && bytes_[host.value] > kLittle;
}

}  // namespace bdsh::app
