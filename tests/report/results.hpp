// Statuses and results, said shortly.
#pragma once

#include "report/run_result.hpp"

namespace bdsh::report {

inline HostStatus exited(int status) {
  HostStatus host{HostState::done, ConnectStep::live, ExitResult{status, ""}, {}, {}};
  if (status != 0) host.state = HostState::failed;
  return host;
}
inline HostStatus killed(const std::string& signal) {
  return {HostState::failed, ConnectStep::live, ExitResult{{}, signal}, {}, {}};
}
inline HostStatus unsaid() {  // the server did not say how it ended
  return {HostState::failed, ConnectStep::live, ExitResult{}, {}, {}};
}
inline HostStatus broken(ErrorKind kind, ConnectStep step, const std::string& message = "why") {
  return {HostState::failed, step, {}, Error{kind, message}, {}};
}
inline HostStatus refused(const std::string& message = "connection refused") {
  return broken(ErrorKind::connect, ConnectStep::connect, message);
}
inline HostStatus no_auth() {
  return broken(ErrorKind::auth, ConnectStep::auth);
}

inline consensus::DiffRow row(consensus::DiffRow::Kind kind, std::optional<std::string> left,
                              std::optional<std::string> right) {
  consensus::DiffRow made;
  made.kind = kind;
  if (left) made.left = consensus::TextLine{*left, {}};
  if (right) made.right = consensus::TextLine{*right, {}};
  return made;
}
inline consensus::DiffRow same(const std::string& text) {
  return row(consensus::DiffRow::Kind::common, text, text);
}

inline HostSet hosts(std::initializer_list<std::uint32_t> ids) {
  HostSet set;
  for (const std::uint32_t id : ids) set.add(HostId{id});
  return set;
}

inline void add_variant(RunResult& run, HostSet set, int status, std::vector<std::string> lines,
                        std::vector<consensus::DiffRow> diff = {}) {
  consensus::Variant variant;
  const std::size_t index = run.variants.size();
  variant.reference = run.outcome.reference == index;
  variant.representative = set.to_vector().front();
  variant.exit = ExitResult{status, ""};
  variant.line_count = lines.size();
  for (const consensus::DiffRow& one : diff)
    if (one.kind != consensus::DiffRow::Kind::common) ++variant.distance;
  run.outcome.variant_of.resize(run.hosts.size(), -1);
  set.for_each([&](HostId host) { run.outcome.variant_of[host.value] = static_cast<int>(index); });
  variant.hosts = std::move(set);
  if (variant.reference) run.outcome.agree = variant.hosts.size();
  run.outcome.variants.push_back(std::move(variant));
  run.variants.push_back({std::move(lines), 0, {}, std::move(diff)});
}

inline RunResult run_of(const std::string& command, std::vector<HostResult> hosts) {
  RunResult run;
  run.command = command;
  run.outcome.of = hosts.size();
  run.outcome.variant_of.resize(hosts.size(), -1);
  run.hosts = std::move(hosts);
  return run;
}

}  // namespace bdsh::report
