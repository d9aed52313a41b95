#include "report/progress.hpp"

#include <array>
#include <utility>

#include "report/host_verdict.hpp"

namespace bdsh::report {
namespace {

enum Place { done, failed, running, waiting, connecting, queued, places };

Place place(const HostStatus& status) {
  if (status.ended()) return verdict(status) == Verdict::ok ? done : failed;
  if (status.asking) return waiting;
  switch (status.state) {
    case HostState::queued:
      return queued;
    case HostState::connecting:
      return connecting;
    case HostState::waiting:
      return waiting;
    case HostState::running:
    case HostState::done:
      return running;
    case HostState::failed:
    case HostState::disconnected:
      return failed;
  }
  return queued;
}

}  // namespace

std::string progress_line(const std::vector<HostStatus>& hosts) {
  static constexpr std::array kWords = {"done",       "failed", "running", "waiting for input",
                                        "connecting", "queued"};
  std::array<std::size_t, places> counts{};
  for (const HostStatus& host : hosts) ++counts[place(host)];
  std::string line = std::to_string(counts[done]) + "/" + std::to_string(hosts.size()) + " done";
  for (std::size_t i = failed; i < places; ++i)
    if (counts[i] > 0) line += ", " + std::to_string(counts[i]) + " " + kWords[i];
  return line;
}

}  // namespace bdsh::report
