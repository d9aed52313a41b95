// The folded report as a page: Markdown, or HTML in one file that needs no other. What hosts printed
// is escaped: it can neither end a block nor become markup or script.
#pragma once

#include <string>

#include "report/run_result.hpp"

namespace bdsh::report {

std::string markdown_report(const RunResult& run, const std::string& title);
std::string html_report(const RunResult& run, const std::string& title);
std::string html_escaped(std::string_view text);

}  // namespace bdsh::report
