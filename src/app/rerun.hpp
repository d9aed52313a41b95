// --rerun: which hosts of a kept run, and what they ran.
#pragma once

#include "config/settings.hpp"
#include "core/error.hpp"

namespace bdsh::app {

// Reads the run that `rerun` names, or the newest kept one. Errors: usage, when there is no such run
// or no such host in it; io.
Result<config::Again> hosts_again(const config::Rerun& rerun, const config::Settings& settings);

}  // namespace bdsh::app
