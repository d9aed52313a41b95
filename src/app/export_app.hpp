// bdsh-tui show, diff and export: kept runs as text, documents and pictures.
#pragma once

#include "app/setup.hpp"

namespace bdsh::app {

int show_run(const config::Settings& settings);
// The exit status is diff(1)'s: 0 nothing changed, 1 something did, 2 trouble.
int diff_runs(const config::Settings& settings);
int export_run(const config::Settings& settings);

}  // namespace bdsh::app
