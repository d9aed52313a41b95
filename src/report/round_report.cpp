#include "report/round_report.hpp"

#include "core/fold.hpp"
#include "core/text.hpp"

namespace bdsh::report {
namespace {

std::string colored(const std::string& text, const char* color, const TextOptions& options) {
  return options.color ? color + text + "\x1b[0m\n" : text + "\n";
}

std::string folded(const HostSet& hosts, const std::vector<std::string>& names) {
  std::vector<std::string> list;
  hosts.for_each([&](HostId host) { list.push_back(names[host.value]); });
  return fold_names(list);
}

}  // namespace

std::string round_report(const RoundResult& round, const std::vector<std::string>& names,
                         const TextOptions& options) {
  std::size_t changed = 0;
  for (const RoundChange& change : round.changes) changed += change.hosts.size();
  std::string out = colored("round " + std::to_string(round.number) + " at " + round.time + ": " +
                                std::to_string(changed) + " of " + std::to_string(round.of) + " changed",
                            "\x1b[1m", options);
  for (const RoundChange& change : round.changes) {
    out += sanitised(folded(change.hosts, names), 1U << 20U) +
           (change.state.empty() ? "" : ": " + change.state) + "\n";
    for (const consensus::DiffRow& row : shown_rows(options.filters, change.rows)) {
      if (row.left) out += colored("- " + sanitised(row.left->text, 1U << 20U), "\x1b[31m", options);
      if (row.right) out += colored("+ " + sanitised(row.right->text, 1U << 20U), "\x1b[32m", options);
    }
  }
  return out;
}

}  // namespace bdsh::report
