// Which connections to jump host a run needs, and who is behind which. Pure.
//
// A gateway is one connection to a jump host. Hosts whose way begins with equal specs share it.
// Gateways have ids behind those of the hosts: the first is HostId{hosts}.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/host_spec.hpp"
#include "core/ids.hpp"

namespace bdsh::net {

class JumpPlan {
 public:
  explicit JumpPlan(const std::vector<HostSpec>& hosts);

  // Each with the way to itself in its `jumps`; one behind another comes after it.
  const std::vector<HostSpec>& gateways() const { return gateways_; }
  bool is_gateway(HostId id) const { return id.value >= hosts_; }
  // Its place in gateways().
  std::size_t number(HostId gateway) const { return gateway.value - hosts_; }
  HostId id(std::size_t number) const {
    return HostId{static_cast<std::uint32_t>(hosts_ + number)};
  }
  // The gateway that a host, or another gateway, is reached through.
  std::optional<HostId> way_to(HostId id) const;
  // Hosts and gateways that are reached through it.
  const std::vector<HostId>& behind(HostId gateway) const { return behind_[number(gateway)]; }
  // Hosts only, also those behind further gateways.
  HostSet hosts_behind(HostId gateway) const;

 private:
  std::size_t gateway_for(const HostSpec& spec, std::size_t hops);
  void put_behind(HostId id, std::size_t gateway);

  std::size_t hosts_;
  std::vector<HostSpec> gateways_;
  std::vector<std::vector<HostId>> behind_;
  std::map<HostId, HostId> way_;
  std::multimap<std::string, std::size_t> known_;  // by address, so that few specs are compared
};

}  // namespace bdsh::net
