// The folded report of a batch run, for people: the reference with its hosts, each variant as a
// diff against it, then what failed, by reason (docs/report.md).
#pragma once

#include <string>

#include "report/filters.hpp"
#include "report/run_result.hpp"

namespace bdsh::report {

struct TextOptions {
  bool color = false;  // SGR sequences of our own; hosts' lines never hold any
  int context = 3;     // equal lines kept around a difference
  Filters filters{};
};

std::string text_report(const RunResult& run, const TextOptions& options);

}  // namespace bdsh::report
