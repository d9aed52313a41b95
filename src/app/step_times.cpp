#include "app/step_times.hpp"

namespace bdsh::app {
namespace {

// The host key is checked within the key exchange, as far as a user is concerned.
std::optional<std::size_t> place_of(const HostStatus& status) {
  if (status.ended()) return std::nullopt;
  switch (status.step) {
    case ConnectStep::resolve: return 0;
    case ConnectStep::connect: return 1;
    case ConnectStep::handshake:
    case ConnectStep::host_key: return 2;
    case ConnectStep::auth: return 3;
    case ConnectStep::none:
    case ConnectStep::channel:
    case ConnectStep::live: break;
  }
  return std::nullopt;
}

}  // namespace

void StepTimes::saw(HostId id, const HostStatus& status, Clock::time_point now) {
  Host& host = hosts_[id.value];
  const auto step = place_of(status);
  if (step == host.step) return;
  if (host.step) {
    auto& seconds = host.seconds[*host.step];
    seconds = seconds.value_or(0) + std::chrono::duration<double>(now - host.since).count();
  }
  if (step == 0U) host.seconds = {};
  host.step = step;
  host.since = now;
}

}  // namespace bdsh::app
