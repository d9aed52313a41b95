// bdsh-tui show, diff and export: kept runs as text, documents and pictures.
#pragma once

#include "app/run_compare.hpp"
#include "app/setup.hpp"

namespace bdsh::app {

int show_run(const config::Settings& settings);
// The exit status is diff(1)'s: 0 nothing changed, 1 something did, 2 trouble.
constexpr int kTrouble = 2;
// The two runs that are named, compared; warnings go to standard error. `lines`: with every host's.
Result<RunComparison> compared(const config::Settings& settings, bool lines);
int diff_runs(const config::Settings& settings);
int export_run(const config::Settings& settings);

}  // namespace bdsh::app
