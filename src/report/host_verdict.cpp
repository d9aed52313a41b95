#include "report/host_verdict.hpp"

#include <algorithm>

namespace bdsh::report {
namespace {

bool entered(const HostStatus& status) {
  return status.step == ConnectStep::live;
}

Verdict given_up(const HostStatus& status) {
  return entered(status) ? Verdict::lost : Verdict::unreachable;
}

Verdict verdict_of_error(const HostStatus& status) {
  switch (status.error->kind) {
    case ErrorKind::auth:
      return Verdict::auth;
    case ErrorKind::timeout:
      return Verdict::timeout;
    case ErrorKind::channel:
      return Verdict::failed;
    case ErrorKind::usage:
    case ErrorKind::config:
    case ErrorKind::io:
    case ErrorKind::resolve:
    case ErrorKind::connect:
    case ErrorKind::protocol:
    case ErrorKind::jump:
    case ErrorKind::host_key:
    case ErrorKind::lost:
    case ErrorKind::cancelled:
    case ErrorKind::internal:
      return given_up(status);
  }
  return Verdict::failed;
}

// A command that overran its time has failed; a connection that did was never made.
bool never_connected(const HostStatus& status) {
  const Verdict what = verdict(status);
  return what == Verdict::unreachable || (what == Verdict::timeout && !entered(status));
}

bool command_failed(const HostStatus& status) {
  const Verdict what = verdict(status);
  return what == Verdict::failed || (what == Verdict::timeout && entered(status));
}

}  // namespace

const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::failed:
      return "failed";
    case Verdict::unreachable:
      return "unreachable";
    case Verdict::auth:
      return "auth";
    case Verdict::timeout:
      return "timeout";
    case Verdict::lost:
      return "lost";
  }
  return "failed";
}

// An error counts more than an exit status: what is shown as success must be one.
Verdict verdict(const HostStatus& status) {
  if (status.error) return verdict_of_error(status);
  if (!status.exit) return given_up(status);
  return status.exit->success() ? Verdict::ok : Verdict::failed;
}

ExitCode exit_code(const std::vector<HostStatus>& hosts) {
  std::vector<HostStatus> bad;
  std::copy_if(hosts.begin(), hosts.end(), std::back_inserter(bad),
               [](const HostStatus& host) { return verdict(host) != Verdict::ok; });
  const auto all_bad = [&](auto test) { return std::all_of(bad.begin(), bad.end(), test); };
  if (bad.empty()) return ExitCode::ok;
  if (all_bad([](const HostStatus& host) { return verdict(host) == Verdict::auth; }))
    return ExitCode::auth_failed;
  if (bad.size() < hosts.size()) return ExitCode::some_failed;
  if (all_bad(never_connected)) return ExitCode::none_connected;
  return all_bad(command_failed) ? ExitCode::all_failed : ExitCode::some_failed;
}

}  // namespace bdsh::report
