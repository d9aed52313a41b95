// What of a finished run is printed: --grep, --only, --head, --tail. Nothing else changes by them,
// neither the comparison nor the exit code.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/line_pattern.hpp"
#include "report/run_result.hpp"

namespace bdsh::report {

struct Filters {
  enum class Only { all, failed, divergent };
  std::optional<consensus::LinePattern> grep;
  Only only = Only::all;
  std::optional<std::size_t> head;  // lines of each text; at most one of the two
  std::optional<std::size_t> tail;
};

bool shows_variant(const Filters& filters, const RunResult& run, std::size_t variant);
// Hands on the lines of the text that pass, in order, until `take` refuses. Returns how many lines
// were out of reach: whether they would have passed nobody knows.
std::size_t show_lines(const Filters& filters, const VariantText& text, const TakeLine& take);
// The same for a difference: a row passes with either side.
std::vector<consensus::DiffRow> shown_rows(const Filters& filters, std::vector<consensus::DiffRow> rows);

}  // namespace bdsh::report
