// bdsh-tui ctl: one request to a live run, its answer on stdout.
#pragma once

#include "app/setup.hpp"

namespace bdsh::app {

int control_run(const Invocation& invocation);

}  // namespace bdsh::app
