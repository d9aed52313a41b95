#include "app/run_report.hpp"

#include "app/setup.hpp"

namespace bdsh::app {

namespace {

// Of a terminal's output the log does not tell the lines.
void reach_logs(const RunState& state, const RunLogs& logs, report::RunResult& result) {
  if (state.options().pty) return;
  for (std::size_t i = 0; i < result.variants.size(); ++i) {
    const HostId host = result.outcome.variants[i].representative;
    if (result.variants[i].more == 0 || host.value >= logs.folders.size()) continue;
    result.variants[i].all = log_text(logs.directory / logs.folders[host.value] / "out.log",
                                      state.session_start(host));
  }
}

}  // namespace

report::RunResult result_of(RunState& state, const std::vector<HostSpec>& specs,
                            const RunLogs& logs) {
  std::vector<report::HostResult> hosts;
  for (std::size_t i = 0; i < state.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    report::HostResult& host = hosts.emplace_back();
    host.name = state.info(id).name;
    if (i < specs.size()) host.endpoint = endpoint(specs[i]);
    host.status = state.status(id);
    host.seconds = state.seconds(id, Clock::now());
  }
  auto result = report::gather(state.options().command, std::move(hosts), state.comparison());
  reach_logs(state, logs, result);
  return result;
}

}  // namespace bdsh::app
