#include "net/pacing.hpp"

namespace bdsh::net {

void Pacing::ask(HostId host) {
  if (holders_.contains(host) || waiting_set_.contains(host)) return;
  waiting_set_.add(host);
  line_.push_back(host);
}

void Pacing::leave(HostId host) {
  holders_.remove(host);
  if (!waiting_set_.contains(host)) return;
  waiting_set_.remove(host);
  std::erase(line_, host);
}

std::optional<HostId> Pacing::grant() {
  if (line_.empty() || holders_.size() >= static_cast<std::size_t>(parallel_)) return {};
  const HostId host = line_.front();
  line_.pop_front();
  waiting_set_.remove(host);
  holders_.add(host);
  return host;
}

}  // namespace bdsh::net
