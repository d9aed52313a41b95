// One word per host and one number for the run: what became of it (docs/report.md).
#pragma once

#include <vector>

#include "core/host_status.hpp"

namespace bdsh::report {

enum class Verdict {
  ok,           // the command ended with status 0
  failed,       // it ended otherwise, or the server refused to start it
  unreachable,  // no session: not resolved, not connected, no SSH, host key refused
  auth,         // no credential was accepted
  timeout,      // a step of connecting, or the command, took longer than allowed
  lost,         // the connection ended while the command ran, or it was given up
};

const char* to_string(Verdict verdict);  // the words of the JSON document
Verdict verdict(const HostStatus& status);

// The process' exit code for a batch run; of usage and configuration errors (2) and of the
// program's own failures (1) the caller knows.
enum class ExitCode {
  ok = 0,
  none_connected = 3,
  auth_failed = 4,
  all_failed = 5,
  some_failed = 10,
};
ExitCode exit_code(const std::vector<HostStatus>& hosts);

}  // namespace bdsh::report
