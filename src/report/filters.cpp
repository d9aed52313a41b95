#include "report/filters.hpp"

#include <algorithm>

#include "report/host_verdict.hpp"

namespace bdsh::report {
namespace {

template <typename T>
void cut(const Filters& filters, std::vector<T>& all) {
  if (filters.head && all.size() > *filters.head) all.erase(all.begin() + static_cast<std::ptrdiff_t>(*filters.head), all.end());
  if (filters.tail && all.size() > *filters.tail)
    all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(*filters.tail));
}

}  // namespace

bool shows_variant(const Filters& filters, const RunResult& run, std::size_t index) {
  const consensus::Variant& variant = run.outcome.variants[index];
  if (filters.only == Filters::Only::divergent)
    return !(variant.hosts & run.outcome.divergent).empty();
  if (filters.only == Filters::Only::all) return true;
  const auto hosts = variant.hosts.to_vector();
  return std::any_of(hosts.begin(), hosts.end(), [&](HostId host) {
    return verdict(run.hosts[host.value].status) != Verdict::ok;
  });
}

std::vector<std::string> shown_lines(const Filters& filters, std::vector<std::string> lines) {
  if (filters.grep)
    std::erase_if(lines, [&](const std::string& line) { return !filters.grep->found_in(line); });
  cut(filters, lines);
  return lines;
}

std::vector<consensus::DiffRow> shown_rows(const Filters& filters, std::vector<consensus::DiffRow> rows) {
  if (filters.grep)
    std::erase_if(rows, [&](const consensus::DiffRow& row) {
      return !(row.left && filters.grep->found_in(row.left->text)) &&
             !(row.right && filters.grep->found_in(row.right->text));
    });
  cut(filters, rows);
  return rows;
}

}  // namespace bdsh::report
