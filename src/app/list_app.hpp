// `bdsh-tui list`: what there is to choose from, without connecting to anything.
#pragma once

#include "config/settings.hpp"

namespace bdsh::app {

int print_list(const config::Settings& settings);  // returns the exit code

}  // namespace bdsh::app
