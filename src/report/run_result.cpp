#include "report/run_result.hpp"

#include <algorithm>

namespace bdsh::report {

RunResult gather(std::optional<std::string> command, std::vector<HostResult> hosts,
                 consensus::Comparison& comparison) {
  RunResult run{std::move(command), std::move(hosts), comparison.outcome(), {}};
  const consensus::Outcome& outcome = run.outcome;
  for (const consensus::Variant& variant : outcome.variants) {
    VariantText& text = run.variants.emplace_back();
    text.lines = comparison.transcript(variant.representative);
    text.more = variant.line_count - std::min(variant.line_count, text.lines.size());
    if (outcome.reference && !variant.reference)
      text.diff = comparison.diff_rows(outcome.variants[*outcome.reference].representative,
                                  variant.representative);
  }
  return run;
}

std::vector<std::string> names_of(const HostSet& set, const std::vector<HostResult>& hosts) {
  std::vector<std::string> names;
  set.for_each([&](HostId host) {
    if (host.value < hosts.size()) names.push_back(hosts[host.value].name);
  });
  return names;
}

}  // namespace bdsh::report
