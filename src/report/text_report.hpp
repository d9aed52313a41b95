// The folded report of a batch run, for people: the reference with its hosts, each variant as a
// diff against it, then what failed, by reason (docs/report.md).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "report/filters.hpp"
#include "report/run_result.hpp"

namespace bdsh::report {

struct TextOptions {
  bool color = false;  // SGR sequences of our own; hosts' lines never hold any
  int context = 3;     // equal lines kept around a difference
  Filters filters{};
};

// Piece by piece, so that a text need not fit into memory; false: nobody takes it any more.
using TakeText = std::function<bool(std::string_view piece)>;
bool write_text_report(const RunResult& run, const TextOptions& options, const TakeText& take);
std::string text_report(const RunResult& run, const TextOptions& options);  // the same as a whole

}  // namespace bdsh::report
