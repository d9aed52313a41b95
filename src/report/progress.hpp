// The progress line of a batch run (stderr).
#pragma once

#include <string>
#include <vector>

#include "core/host_status.hpp"

namespace bdsh::report {

// "9/12 done, 1 failed, 1 running, 1 connecting": every host is counted once; what is none of it
// is left out.
std::string progress_line(const std::vector<HostStatus>& hosts);

}  // namespace bdsh::report
