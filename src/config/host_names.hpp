// Names of a run's hosts, for the screen and for folders.
#pragma once

#include <string>
#include <vector>

#include "core/host_spec.hpp"

namespace bdsh::config {

// Without control characters, blanks and slashes.
std::string safe_name(const std::string& name);
// By the port, then by the user, then by a number.
void make_names_unique(std::vector<HostSpec>& hosts);

}  // namespace bdsh::config
