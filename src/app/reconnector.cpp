#include "app/reconnector.hpp"

#include <algorithm>

namespace bdsh::app {
namespace {

bool of_the_way(ErrorKind kind) {
  return kind == ErrorKind::lost || kind == ErrorKind::connect || kind == ErrorKind::resolve ||
         kind == ErrorKind::timeout || kind == ErrorKind::jump;
}

}  // namespace

std::optional<Reconnector::Millis> Reconnector::changed(HostId host, const HostStatus& status, Time now) {
  if (status.live()) {
    hosts_[host] = {};
    return {};
  }
  const auto known = hosts_.find(host);
  if (!status.ended() || known == hosts_.end()) return {};
  if (!status.error || !of_the_way(status.error->kind)) {
    hosts_.erase(known);
    return {};
  }
  Waiting& waiting = known->second;
  if (waiting.due) return {};
  const Millis delay = std::min(kLongest, kFirst * (1 << std::min(waiting.tries++, 10)));
  const Millis jittered = delay + Millis{jitter_() % static_cast<std::uint32_t>(delay.count() / 2)};
  waiting.due = now + jittered;
  return jittered;
}

void Reconnector::leave(HostId host) {
  if (const auto known = hosts_.find(host); known != hosts_.end()) known->second.due.reset();
}

std::optional<Reconnector::Time> Reconnector::next() const {
  std::optional<Time> first;
  for (const auto& [host, waiting] : hosts_)
    if (waiting.due && (!first || *waiting.due < *first)) first = waiting.due;
  return first;
}

HostSet Reconnector::take_due(Time now) {
  HostSet due;
  for (auto& [host, waiting] : hosts_) {
    if (!waiting.due || *waiting.due > now) continue;
    waiting.due.reset();
    due.add(host);
  }
  return due;
}

}  // namespace bdsh::app
