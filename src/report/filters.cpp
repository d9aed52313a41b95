#include "report/filters.hpp"

#include <algorithm>
#include <deque>

#include "report/host_verdict.hpp"

namespace bdsh::report {
namespace {

template <typename T>
void cut(const Filters& filters, std::vector<T>& all) {
  if (filters.head && all.size() > *filters.head)
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(*filters.head), all.end());
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

std::size_t show_lines(const Filters& filters, const VariantText& text, const TakeLine& take) {
  const std::size_t total = text.lines.size() + text.more;
  std::size_t seen = 0;
  std::size_t taken = 0;
  bool enough = filters.head == 0U;
  std::deque<std::string> last;  // of --tail: at most as many as are wanted
  const auto look = [&](const std::string& line) {
    ++seen;
    if (enough || (filters.grep && !filters.grep->found_in(line))) return !enough;
    if (filters.tail) {
      last.push_back(line);
      if (last.size() > *filters.tail) last.pop_front();
      return true;
    }
    enough = !take(line) || ++taken == filters.head;
    return !enough;
  };
  if (text.all && text.more > 0)
    text.all(look);
  else
    std::all_of(text.lines.begin(), text.lines.end(), look);
  std::all_of(last.begin(), last.end(), take);
  return enough ? 0 : total - std::min(total, seen);
}

std::vector<consensus::DiffRow> shown_rows(const Filters& filters,
                                           std::vector<consensus::DiffRow> rows) {
  if (filters.grep)
    std::erase_if(rows, [&](const consensus::DiffRow& row) {
      return !(row.left && filters.grep->found_in(row.left->text)) &&
             !(row.right && filters.grep->found_in(row.right->text));
    });
  cut(filters, rows);
  return rows;
}

}  // namespace bdsh::report
