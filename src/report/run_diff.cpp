#include "report/run_diff.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "core/fold.hpp"
#include "core/text.hpp"
#include "report/diff_text.hpp"

namespace bdsh::report {
namespace {

using consensus::DiffRow;
using Json = nlohmann::ordered_json;

constexpr std::size_t kLongest = 1U << 20U;

// What makes two hosts' changes the same: the lines that changed, as they are shown.
std::string key_of(const HostChange& host) {
  std::string key = host.before + '\0' + host.after + '\0';
  for (const DiffRow& row : host.rows) {
    if (row.kind == DiffRow::Kind::common) continue;
    if (row.left) key += "-" + row.left->text + '\n';
    if (row.right) key += "+" + row.right->text + '\n';
  }
  return key;
}

std::string folded(const std::vector<std::string>& hosts) {
  return sanitised(fold_names(hosts), kLongest) + " (" + std::to_string(hosts.size()) + ")";
}

std::string ending(const std::string& words) {
  return words.empty() ? "ok" : sanitised(words);
}

Json lines_of(const std::vector<DiffRow>& rows) {
  Json lines = Json::array();
  for (const DiffRow& row : rows) {
    if (row.kind == DiffRow::Kind::common) continue;
    if (row.left) lines.push_back("-" + row.left->text);
    if (row.right) lines.push_back("+" + row.right->text);
  }
  return lines;
}

}  // namespace

void fold_changes(std::vector<HostChange> hosts, RunDiff& diff) {
  std::map<std::string, std::size_t> known;
  for (HostChange& host : hosts) {
    if (!host.cut && changed_lines(host.rows) == 0 && host.before == host.after) {
      for (std::string& name : host.hosts) diff.unchanged.push_back(std::move(name));
      continue;
    }
    const auto [at, fresh] = known.try_emplace(key_of(host), diff.changes.size());
    if (fresh) diff.changes.push_back({{}, host.before, host.after, std::move(host.rows), host.cut});
    std::vector<std::string>& merged = diff.changes[at->second].hosts;
    merged.insert(merged.end(), host.hosts.begin(), host.hosts.end());
  }
  std::stable_sort(diff.changes.begin(), diff.changes.end(),
                   [](const auto& a, const auto& b) { return a.hosts.size() > b.hosts.size(); });
}

std::string run_diff_text(const RunDiff& diff, const TextOptions& options) {
  std::size_t changed = 0;
  for (const RunDiff::Change& change : diff.changes) changed += change.hosts.size();
  std::string out = "--- " + sanitised(diff.before) + "\n+++ " + sanitised(diff.after) + "\n" +
                    std::to_string(diff.unchanged.size()) + " unchanged, " +
                    std::to_string(changed) + " changed\n";
  if (!diff.only_before.empty()) out += "only before: " + folded(diff.only_before) + "\n";
  if (!diff.only_after.empty()) out += "only after: " + folded(diff.only_after) + "\n";
  for (const RunDiff::Change& change : diff.changes) {
    const std::size_t lines = changed_lines(change.rows);
    out += "---------------\n" + folded(change.hosts) + "  " + std::to_string(lines) +
           (lines == 1 ? " line" : " lines");
    if (change.before != change.after)
      out += ", " + ending(change.before) + " -> " + ending(change.after);
    out += "\n---------------\n";
    append_diff(change.rows, options, out);
    if (change.cut) out += "(the output is longer than what is compared line by line)\n";
  }
  return out;
}

std::string run_diff_json(const RunDiff& diff) {
  Json changes = Json::array();
  for (const RunDiff::Change& change : diff.changes)
    changes.push_back({{"hosts", change.hosts},
                       {"before", ending(change.before)},
                       {"after", ending(change.after)},
                       {"lines", lines_of(change.rows)},
                       {"cut", change.cut}});
  const Json document = {{"before", diff.before},
                         {"after", diff.after},
                         {"unchanged", diff.unchanged},
                         {"changes", std::move(changes)},
                         {"only_before", diff.only_before},
                         {"only_after", diff.only_after}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bdsh::report
