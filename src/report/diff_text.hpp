// Two transcripts' differences as lines: "- " before, "+ " after, "  " around them.
#pragma once

#include <string>
#include <vector>

#include "consensus/outcome.hpp"
#include "report/text_report.hpp"

namespace bdsh::report {

// Equal lines farther than options.context from a difference are counted, not shown.
void append_diff(const std::vector<consensus::DiffRow>& rows, const TextOptions& options,
                 std::string& out);
std::size_t changed_lines(const std::vector<consensus::DiffRow>& rows);
std::string exit_words(const ExitResult& exit);  // "exit 3", "killed by KILL"; empty: success

}  // namespace bdsh::report
