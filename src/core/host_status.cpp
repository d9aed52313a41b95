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

namespace {

// A few letters each: they stand beside a host's name.
std::string short_reason(const Error& error) {
  switch (error.kind) {
    case ErrorKind::connect:
      return error.message.find("refused") != std::string::npos ? "refused" : "connect";
    case ErrorKind::resolve: return "dns";
    case ErrorKind::protocol: return "no ssh";
    case ErrorKind::auth: return "auth";
    case ErrorKind::lost: return "lost";
    case ErrorKind::cancelled: return "stopped";
    case ErrorKind::usage: return error.message;  // a word or two, of this program's own
    default: return to_string(error.kind);
  }
}

}  // namespace

std::string short_reason(const HostStatus& status) {
  if (status.error) return short_reason(*status.error);
  if (!status.exit || status.exit->success()) return {};
  if (!status.exit->signal.empty()) return "signal " + status.exit->signal;
  if (status.exit->status) return "exit " + std::to_string(*status.exit->status);
  return "no exit status";
}

}  // namespace bdsh
