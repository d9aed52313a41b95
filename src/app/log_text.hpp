// What a host without a terminal printed, read again from its log: for texts of which memory holds
// only the beginning.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "report/run_result.hpp"

namespace bdsh::app {

// Where the hosts' logs are; whole on the disk when they are read.
struct RunLogs {
  std::filesystem::path directory;
  std::vector<std::string> folders;  // by HostId
};

// The lines of the log from the byte `from` on, as a batch run's. What cannot be read is not there.
report::LineSource log_text(std::filesystem::path log, std::uint64_t from);

}  // namespace bdsh::app
