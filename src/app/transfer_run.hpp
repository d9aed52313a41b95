// bdsh-tui upload, download: files to or from all hosts, progress on stderr, the report or the JSON
// document on stdout, and exit codes as those of a batch run.
#pragma once

#include "app/setup.hpp"

namespace bdsh::app {

int run_transfer(const Invocation& invocation);

}  // namespace bdsh::app
