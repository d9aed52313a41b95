// A run as the reports take it.
#pragma once

#include <vector>

#include "app/log_text.hpp"
#include "app/run_state.hpp"
#include "core/host_spec.hpp"
#include "report/run_result.hpp"

namespace bdsh::app {

// As it stands now. `specs` say where hosts are, by HostId; `logs` where the texts are that memory does
// not hold whole. Both may be left out.
report::RunResult result_of(RunState& state, const std::vector<HostSpec>& specs,
                            const RunLogs& logs);

}  // namespace bdsh::app
