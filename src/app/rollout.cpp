#include "app/rollout.hpp"

#include <algorithm>
#include <utility>

namespace bdsh::app {

HostSet Rollout::next() {
  HostSet out;
  if (stopped() || (rules_.serial && !running_.empty())) return out;
  std::size_t room = waiting_.size();
  if (const auto limit = rules_.serial ? rules_.serial : rules_.rolling) {
    const auto most = static_cast<std::size_t>(*limit);
    room = std::min(room, most - std::min(most, running_.size()));
  }
  for (const HostId host : waiting_.to_vector()) {
    if (room-- == 0) break;
    out.add(host);
  }
  waiting_ -= out;
  running_ |= out;
  return out;
}

void Rollout::ended(HostId host, bool success) {
  if (!running_.contains(host)) return;
  running_.remove(host);
  if (!success) ++failed_;
}

HostSet Rollout::take_left() {
  return stopped() ? std::exchange(waiting_, HostSet()) : HostSet();
}

std::size_t Rollout::allowed() const {
  if (rules_.fail_fast) return 0;
  if (!rules_.max_fail) return total_;
  const auto most = static_cast<std::size_t>(rules_.max_fail->most);
  return rules_.max_fail->percent ? total_ * most / 100 : most;
}

std::string Rollout::reason() const {
  return "not started: " + std::to_string(failed_) + " of " + std::to_string(total_) +
         (total_ == 1 ? " host" : " hosts") + " failed";
}

}  // namespace bdsh::app
