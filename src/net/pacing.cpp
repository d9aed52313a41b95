#include "net/pacing.hpp"

#include <algorithm>

namespace bdsh::net {

Pacing::Pacing(int parallel, int lane_parallel)
    : parallel_(at_least_one(parallel)), lane_parallel_(at_least_one(lane_parallel)) {}

void Pacing::put_in_lane(HostId host, std::size_t lane) {
  if (lanes_.size() <= lane) lanes_.resize(lane + 1);
  lane_numbers_[host] = lane;
}

void Pacing::open_lane(std::size_t lane, bool open) {
  if (lane < lanes_.size()) lanes_[lane].open = open;
}

Pacing::Lane* Pacing::lane_of(HostId host) {
  const auto number = lane_numbers_.find(host);
  return number == lane_numbers_.end() ? nullptr : &lanes_[number->second];
}

bool Pacing::may_go(HostId host) {
  const Lane* lane = lane_of(host);
  return lane == nullptr || (lane->open && lane->in_progress < lane_parallel_);
}

void Pacing::ask(HostId host) {
  if (holders_.contains(host) || waiting_set_.contains(host)) return;
  waiting_set_.add(host);
  line_.push_back(host);
}

void Pacing::leave(HostId host) {
  if (holders_.contains(host)) {
    holders_.remove(host);
    if (Lane* lane = lane_of(host)) --lane->in_progress;
  }
  if (!waiting_set_.contains(host)) return;
  waiting_set_.remove(host);
  std::erase(line_, host);
}

std::optional<HostId> Pacing::grant() {
  if (holders_.size() >= static_cast<std::size_t>(parallel_)) return {};
  const auto next = std::find_if(line_.begin(), line_.end(), [this](HostId id) { return may_go(id); });
  if (next == line_.end()) return {};
  const HostId host = *next;
  line_.erase(next);
  waiting_set_.remove(host);
  holders_.add(host);
  if (Lane* lane = lane_of(host)) ++lane->in_progress;
  return host;
}

}  // namespace bdsh::net
