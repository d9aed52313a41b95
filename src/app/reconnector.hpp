// When lost hosts are connected to again (--reconnect): after 1, 2, 4 … 60 s, each with jitter so
// that a fleet does not come back in step. Pure.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <random>

#include "core/host_status.hpp"
#include "core/ids.hpp"

namespace bdsh::app {

class Reconnector {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Millis = std::chrono::milliseconds;
  static constexpr Millis kFirst{1'000};
  static constexpr Millis kLongest{60'000};

  explicit Reconnector(std::uint32_t seed) : jitter_(seed + 1) {}

  // The host's status has changed. Returns how long it will be until it is tried again, when that
  // was decided now: only hosts that were live, for as long as nothing but the way to them fails.
  std::optional<Millis> changed(HostId host, const HostStatus& status, Time now);
  void leave(HostId host);  // the user starts it, or wants it no more
  std::optional<Time> next() const;  // when take_due() will have somebody
  HostSet take_due(Time now);

 private:
  struct Waiting {
    int tries = 0;
    std::optional<Time> due{};
  };
  std::map<HostId, Waiting> hosts_;  // that have been live
  std::minstd_rand jitter_;
};

}  // namespace bdsh::app
