// The same report as one JSON document (docs/report.md): its keys are a contract with scripts.
#pragma once

#include <string>

#include "report/filters.hpp"
#include "report/run_result.hpp"
#include "report/text_report.hpp"

namespace bdsh::report {

// Ends with a line end. Invalid UTF-8 becomes U+FFFD. Piece by piece, as write_text_report().
bool write_json_report(const RunResult& run, const Filters& filters, const TakeText& take);
std::string json_report(const RunResult& run, const Filters& filters = {});

}  // namespace bdsh::report
