#include "app/run_report.hpp"

#include "app/setup.hpp"

namespace bdsh::app {

report::RunResult result_of(RunState& state, const std::vector<HostSpec>& specs) {
  std::vector<report::HostResult> hosts;
  for (std::size_t i = 0; i < state.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    report::HostResult& host = hosts.emplace_back();
    host.name = state.info(id).name;
    if (i < specs.size()) host.endpoint = endpoint(specs[i]);
    host.status = state.status(id);
    host.seconds = state.seconds(id, Clock::now());
  }
  return report::gather(state.options().command, std::move(hosts), state.comparison());
}

}  // namespace bdsh::app
