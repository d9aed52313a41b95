// What would run where, and the question before a command that asks for one. Nothing is connected to.
#pragma once

#include "config/settings.hpp"
#include "core/error.hpp"

namespace bdsh::app {

int print_dry_run(const config::Settings& settings);  // returns the exit code

// Asks on the controlling terminal before a command with `confirm: true`. Errors: usage when nobody
// can be asked; cancelled when the answer is not yes.
Status confirm_command(const config::Settings& settings);

}  // namespace bdsh::app
