// The dashboard over a live run or over a run directory, from settings to exit code.
#pragma once

#include <string>

#include "app/setup.hpp"

namespace bdsh::app {

int run_dashboard(const Invocation& invocation);
int watch_dashboard(const Invocation& invocation);
// Two kept runs compared; the exit status is that of diff_runs().
int diff_dashboard(const Invocation& invocation);
int attach_dashboard(const Invocation& invocation);  // of a run that is live

}  // namespace bdsh::app
