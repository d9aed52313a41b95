#include "core/host_status.hpp"

namespace bdsh {

const char* to_string(HostState state) {
  switch (state) {
    case HostState::queued: return "queued";
    case HostState::connecting: return "connecting";
    case HostState::running: return "running";
    case HostState::waiting: return "waiting";
    case HostState::done: return "done";
    case HostState::failed: return "failed";
    case HostState::disconnected: return "disconnected";
  }
  return "unknown";
}

const char* to_string(ConnectStep step) {
  switch (step) {
    case ConnectStep::none: return "none";
    case ConnectStep::resolve: return "resolve";
    case ConnectStep::connect: return "connect";
    case ConnectStep::handshake: return "handshake";
    case ConnectStep::host_key: return "host key";
    case ConnectStep::auth: return "authenticate";
    case ConnectStep::channel: return "open session";
    case ConnectStep::live: return "live";
  }
  return "unknown";
}

std::string short_reason(const HostStatus& status) {
  if (status.error) return to_string(status.error->kind);
  if (!status.exit || status.exit->success()) return {};
  if (!status.exit->signal.empty()) return "signal " + status.exit->signal;
  if (status.exit->status) return "exit " + std::to_string(*status.exit->status);
  return "no exit status";
}

}  // namespace bdsh
