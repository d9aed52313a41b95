// How long each step of entering each host took. The time is given.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "core/host_status.hpp"
#include "core/ids.hpp"

namespace bdsh::app {

class StepTimes {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kSteps = 4;  // resolve, connect, key exchange, authentication
  using Seconds = std::array<std::optional<double>, kSteps>;

  explicit StepTimes(std::size_t hosts) : hosts_(hosts) {}
  // A host's status changed. Begun again after a failure, its times begin anew.
  void saw(HostId host, const HostStatus& status, Clock::time_point now);
  const Seconds& of(HostId host) const { return hosts_[host.value].seconds; }

 private:
  struct Host {
    std::optional<std::size_t> step;  // the one it is in
    Clock::time_point since;
    Seconds seconds;
  };
  std::vector<Host> hosts_;
};

}  // namespace bdsh::app
