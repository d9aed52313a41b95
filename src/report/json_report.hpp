// The same report as one JSON document (docs/report.md): its keys are a contract with scripts.
#pragma once

#include <string>

#include "report/filters.hpp"
#include "report/run_result.hpp"

namespace bdsh::report {

// Ends with a line end. Invalid UTF-8 becomes U+FFFD.
std::string json_report(const RunResult& run, const Filters& filters = {});

}  // namespace bdsh::report
