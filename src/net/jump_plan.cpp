#include "net/jump_plan.hpp"

namespace bdsh::net {

JumpPlan::JumpPlan(const std::vector<HostSpec>& hosts) : hosts_(hosts.size()) {
  for (std::uint32_t i = 0; i < hosts.size(); ++i)
    if (const std::size_t hops = hosts[i].jumps.size(); hops > 0)
      put_behind(HostId{i}, gateway_for(hosts[i], hops));
}

// The gateway at the end of the first `hops` jumps of `spec`.
std::size_t JumpPlan::gateway_for(const HostSpec& spec, std::size_t hops) {
  HostSpec wanted = spec.jumps[hops - 1];
  wanted.jumps.assign(spec.jumps.begin(), spec.jumps.begin() + static_cast<std::ptrdiff_t>(hops - 1));
  const auto [first, last] = known_.equal_range(wanted.address);
  for (auto known = first; known != last; ++known)
    if (gateways_[known->second] == wanted) return known->second;
  std::optional<std::size_t> before;
  if (hops > 1) before = gateway_for(spec, hops - 1);
  const std::size_t number = gateways_.size();
  known_.emplace(wanted.address, number);
  gateways_.push_back(std::move(wanted));
  behind_.emplace_back();
  if (before) put_behind(id(number), *before);
  return number;
}

void JumpPlan::put_behind(HostId id, std::size_t gateway) {
  behind_[gateway].push_back(id);
  way_.emplace(id, this->id(gateway));
}

std::optional<HostId> JumpPlan::way_to(HostId id) const {
  const auto found = way_.find(id);
  return found == way_.end() ? std::nullopt : std::optional(found->second);
}

HostSet JumpPlan::hosts_behind(HostId gateway) const {
  HostSet hosts;
  for (const HostId id : behind(gateway)) {
    if (is_gateway(id))
      hosts = hosts | hosts_behind(id);
    else
      hosts.add(id);
  }
  return hosts;
}

}  // namespace bdsh::net
