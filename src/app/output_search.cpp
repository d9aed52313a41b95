#include "app/output_search.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/text.hpp"

namespace bdsh::app {
namespace {

auto place(const tui::SearchHit& hit) { return std::tuple(hit.host, hit.line); }

bool before(const tui::SearchHit& hit, const std::tuple<HostId, std::uint64_t>& at) {
  return place(hit) < at;
}

}  // namespace

OutputSearch::OutputSearch(const RunState& state, tui::SearchAsk ask)
    : state_(&state),
      ask_(std::move(ask)),
      fold_case_(lower(ask_.text) == ask_.text),
      searched_(state.host_count()) {
  if (ask_.round != 0) search_round();
  else update(HostSet::first(state.host_count()));
}

bool OutputSearch::matches(const std::string& line) const {
  return (fold_case_ ? lower(line) : line).find(ask_.text) != std::string::npos;
}

void OutputSearch::update(const HostSet& printed) {
  if (ask_.text.empty() || ask_.round != 0) return;
  printed.for_each([this](HostId host) {
    if (!ask_.host || *ask_.host == host) search(host);
  });
}

void OutputSearch::search(HostId host) {
  const pty::HostTerminal& terminal = state_->terminal(host);
  Searched& searched = searched_[host.value];
  const std::uint64_t first = terminal.first_kept_line();
  const std::uint64_t open = terminal.open_line();
  // A screen that was cleared takes lines back that were complete: all is looked at again.
  if (open < searched.next) {
    (void)forget(host, 0, UINT64_MAX);
    found_.matches -= searched.complete + searched.changing;
    searched = {};
  }
  // What was still changing is; lines that left the scrollback cannot be shown any more.
  found_.matches -= std::exchange(searched.changing, 0);
  (void)forget(host, searched.next, UINT64_MAX);
  const std::size_t dropped = forget(host, 0, first);
  searched.complete -= dropped;
  const std::size_t complete = take_lines(host, std::max(first, searched.next), open);
  searched.changing = take_lines(host, std::max(first, open), terminal.line_end());
  searched.complete += complete;
  searched.next = open;
  found_.matches += complete + searched.changing - dropped;
  if (searched.complete + searched.changing > 0) found_.hosts.add(host);
  else found_.hosts.remove(host);
}

std::size_t OutputSearch::take_lines(HostId host, std::uint64_t from, std::uint64_t end) {
  std::size_t count = 0;
  auto at = std::lower_bound(found_.hits.begin(), found_.hits.end(), std::tuple(host, from), before);
  for (std::uint64_t n = from; n < end; ++n) {
    std::string line = state_->terminal(host).line(n);
    if (!matches(line)) continue;
    ++count;
    if (found_.hits.size() < kMaxHits) at = found_.hits.insert(at, {host, n, std::move(line)}) + 1;
  }
  return count;
}

std::size_t OutputSearch::forget(HostId host, std::uint64_t from, std::uint64_t end) {
  auto& hits = found_.hits;
  const auto begin = std::lower_bound(hits.begin(), hits.end(), std::tuple(host, from), before);
  const auto last = std::lower_bound(begin, hits.end(), std::tuple(host, end), before);
  const auto count = static_cast<std::size_t>(last - begin);
  hits.erase(begin, last);
  return count;
}

// Over what is kept of an earlier round: every host whose own lines are.
void OutputSearch::search_round() {
  const auto& history = state_->comparison().history();
  const auto record = std::find_if(history.begin(), history.end(),
                                   [this](const auto& kept) { return kept.round == ask_.round; });
  if (ask_.text.empty() || record == history.end()) return;
  for (std::uint32_t i = 0; i < state_->host_count(); ++i) {
    const HostId host{i};
    if ((ask_.host && *ask_.host != host) || record->text.stand_in(host) != host) continue;
    for (std::size_t n = 0; n < record->text.line_count(host); ++n) {
      std::string line(record->text.line(host, n));
      if (!matches(line)) continue;
      ++found_.matches;
      found_.hosts.add(host);
      if (found_.hits.size() < kMaxHits) found_.hits.push_back({host, n, std::move(line)});
    }
  }
}

}  // namespace bdsh::app
