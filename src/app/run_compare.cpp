#include <utility>
// Boost 1.74's headers lack <utility>.
#include <boost/asio/io_context.hpp>

#include "app/run_compare.hpp"

#include <future>
#include <map>
#include <random>
#include <tuple>

#include "app/kept_run.hpp"
#include "core/text.hpp"
#include "report/host_verdict.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kScrollback = 1000;
constexpr std::size_t kReadAgain = 16;  // hosts at a time: their lines fit into the comparison

struct Both {
  std::unique_ptr<KeptRun> before;
  std::unique_ptr<KeptRun> after;
};

// Reading takes nearly all of the time, and the two have nothing in common.
Result<Both> open_both(const RunsToCompare& runs, const std::set<std::string>& hosts,
                       const consensus::Options& options) {
  auto reading = std::async(
      std::launch::async, [&] { return KeptRun::open(runs.before, options, kScrollback, hosts); });
  auto after = KeptRun::open(runs.after, options, kScrollback, hosts);
  auto before = reading.get();
  if (!before) return before.error();
  if (!after) return after.error();
  return Both{std::move(*before), std::move(*after)};
}

// How the host's command ended, or why it did not run; empty: in order.
std::string ending(const HostStatus& status) {
  if (report::verdict(status) == report::Verdict::ok) return {};
  const std::string reason = short_reason(status);
  return reason.empty() ? to_string(report::verdict(status)) : reason;
}

// Hosts are the same when they have the same name.
struct Pair {
  std::string name;
  HostId before;
  HostId after;
};

std::vector<Pair> pairs_of(const Both& both, report::RunDiff& diff) {
  std::map<std::string, HostId> later;
  const auto& after_hosts = both.after->description().hosts;
  for (std::uint32_t i = 0; i < after_hosts.size(); ++i)
    later.emplace(after_hosts[i].name, HostId{i});
  std::vector<Pair> pairs;
  const auto& before_hosts = both.before->description().hosts;
  for (std::uint32_t i = 0; i < before_hosts.size(); ++i) {
    const auto same = later.find(before_hosts[i].name);
    if (same == later.end()) {
      diff.only_before.push_back(before_hosts[i].name);
      continue;
    }
    pairs.push_back({before_hosts[i].name, HostId{i}, same->second});
    later.erase(same);
  }
  for (const HostSpec& host : after_hosts)
    if (later.contains(host.name)) diff.only_after.push_back(host.name);
  return pairs;
}

// Hosts that printed the same before, the same after, and ended the same ways.
struct Kind {
  Pair first;
  report::HostChange change;
  std::vector<std::string> before;  // what the first of them printed
  std::vector<std::string> after;
};

std::vector<Kind> kinds_of(const Both& both, const std::vector<Pair>& pairs, bool masked,
                           report::RunDiff& diff) {
  std::map<std::tuple<std::uint64_t, std::uint64_t, std::string, std::string>, std::size_t> known;
  std::vector<Kind> kinds;
  RunState& before = both.before->state();
  RunState& after = both.after->state();
  for (const Pair& pair : pairs) {
    const std::uint64_t printed = before.comparison().transcript_chain(pair.before).of(masked);
    const std::uint64_t prints = after.comparison().transcript_chain(pair.after).of(masked);
    std::string ended = ending(before.status(pair.before));
    std::string ends = ending(after.status(pair.after));
    if (printed == prints && ended == ends) {
      diff.unchanged.push_back(pair.name);
      continue;
    }
    const auto [at, fresh] = known.try_emplace({printed, prints, ended, ends}, kinds.size());
    if (fresh) kinds.push_back({pair, {{}, std::move(ended), std::move(ends), {}, false}, {}, {}});
    kinds[at->second].change.hosts.push_back(pair.name);
  }
  return kinds;
}

// Both runs' transcripts of some hosts under one comparison, so that the same masks hold for both.
class Lines {
 public:
  Lines(const Both& both, const std::vector<Pair>& pairs, const consensus::Options& options)
      : both_(words(both, pairs), options) {
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      take(*both.before, pairs[i].before, 2 * i);
      take(*both.after, pairs[i].after, 2 * i + 1);
    }
  }
  std::vector<consensus::DiffRow> rows(std::size_t i) const {
    return both_.diff_rows(id(2 * i), id(2 * i + 1));
  }

 private:
  static HostId id(std::size_t index) { return HostId{static_cast<std::uint32_t>(index)}; }
  static std::vector<std::vector<std::string>> words(const Both& both,
                                                     const std::vector<Pair>& pairs) {
    std::vector<std::vector<std::string>> words;
    for (const Pair& pair : pairs) {
      words.push_back(both.before->state().info(pair.before).own_words);
      words.push_back(both.after->state().info(pair.after).own_words);
    }
    return words;
  }
  void take(KeptRun& run, HostId host, std::size_t index) {
    both_.set_lines(id(index), 0, run.state().comparison().transcript(host));
    both_.set_progress(id(index), {consensus::Progress::Kind::finished, ExitResult{0, {}}});
  }

  consensus::Comparison both_;
};

bool all_kept(const Both& both, const Pair& pair) {
  return both.before->state().comparison().all_kept(pair.before) &&
         both.after->state().comparison().all_kept(pair.after);
}

// The rows of some kinds' first hosts, read again where the runs were too large to keep their
// lines.
Status add_rows(const RunsToCompare& runs, const consensus::Options& options, const Both& both,
                std::vector<Kind*> kinds) {
  std::set<std::string> names;
  bool kept = true;
  for (const Kind* kind : kinds) {
    names.insert(kind->first.name);
    kept = kept && all_kept(both, kind->first);
  }
  Both again;
  report::RunDiff ignored;
  std::map<std::string, Pair> by_name;
  if (!kept) {
    auto opened = open_both(runs, names, options);
    if (!opened) return opened.error();
    again = std::move(*opened);
    for (Pair& pair : pairs_of(again, ignored)) by_name.emplace(pair.name, pair);
  }
  const Both& from = kept ? both : again;
  std::vector<Pair> pairs;
  for (const Kind* kind : kinds) pairs.push_back(kept ? kind->first : by_name.at(kind->first.name));
  const Lines lines(from, pairs, options);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    kinds[i]->change.rows = lines.rows(i);
    kinds[i]->change.cut = !all_kept(from, pairs[i]);
    if (!runs.lines) continue;
    kinds[i]->before = from.before->state().comparison().transcript(pairs[i].before);
    kinds[i]->after = from.after->state().comparison().transcript(pairs[i].after);
  }
  return Done{};
}

// ---- every host with its lines ----

std::vector<std::string> change_lines(const report::HostChange& change) {
  std::vector<std::string> lines;
  const auto word = [](const std::string& end) { return end.empty() ? "ok" : end; };
  if (change.before != change.after)
    lines.push_back(word(change.before) + " -> " + word(change.after));
  for (const consensus::DiffRow& row : change.rows) {
    if (row.kind == consensus::DiffRow::Kind::common) continue;
    if (row.left) lines.push_back("- " + row.left->text);
    if (row.right) lines.push_back("+ " + row.right->text);
  }
  if (lines.empty()) lines.emplace_back("differs beyond the lines that are kept");
  return lines;
}

ComparedHost host_of(KeptRun& run, HostId id) {
  ComparedHost host;
  host.name = run.state().info(id).name;
  host.own_words = run.state().info(id).own_words;
  return host;
}

std::vector<std::string> lines_of(KeptRun& run, HostId id) {
  return run.state().comparison().transcript(id);
}

// A host whose lines were not kept shows those of the first that changed alike, or nothing when it
// did not change.
ComparedHost host_of(const Both& both, const Pair& pair, const Kind* kind) {
  ComparedHost host = host_of(*both.after, pair.after);
  host.before = both.before->state().status(pair.before);
  host.after = both.after->state().status(pair.after);
  if (kind != nullptr) host.change = change_lines(kind->change);
  if (all_kept(both, pair)) {
    host.lines_before = lines_of(*both.before, pair.before);
    host.lines_after = lines_of(*both.after, pair.after);
  } else if (kind != nullptr && kind->first.name == pair.name) {
    host.lines_before = kind->before;
    host.lines_after = kind->after;
  } else if (kind != nullptr) {
    host.lines_after = {"(its output is too much to be kept here: it changed as " +
                        kind->first.name + "'s did)"};
  }
  return host;
}

std::vector<ComparedHost> all_hosts(const Both& both, const std::vector<Pair>& pairs,
                                    const std::vector<Kind>& kinds, const report::RunDiff& diff) {
  std::map<std::string, const Kind*> kind_of;
  for (const Kind& kind : kinds)
    for (const std::string& name : kind.change.hosts) kind_of.emplace(name, &kind);
  std::vector<ComparedHost> hosts;
  for (const Pair& pair : pairs) {
    const auto kind = kind_of.find(pair.name);
    hosts.push_back(host_of(both, pair, kind == kind_of.end() ? nullptr : kind->second));
  }
  const auto only = [&](KeptRun& run, const std::string& name, bool before) {
    const HostId id = *run.find_host(name);
    ComparedHost& host = hosts.emplace_back(host_of(run, id));
    (before ? host.before : host.after) = run.state().status(id);
    (before ? host.lines_before : host.lines_after) = lines_of(run, id);
    host.change = {before ? "only in the first run" : "only in the second run"};
  };
  for (const std::string& name : diff.only_before) only(*both.before, name, true);
  for (const std::string& name : diff.only_after) only(*both.after, name, false);
  return hosts;
}

Status check_names(const RunsToCompare& runs, const Both& both) {
  for (const std::string& host : runs.hosts)
    if (!both.before->find_host(host) && !both.after->find_host(host))
      return Error{ErrorKind::usage, "neither run has a host '" + sanitised(host, 200) + "'"};
  return Done{};
}

std::vector<std::string> warnings_of(const Both& both) {
  std::vector<std::string> warnings = both.before->warnings();
  for (std::string& warning : both.after->warnings()) warnings.push_back(std::move(warning));
  return warnings;
}

}  // namespace

Result<RunComparison> compare_runs(const RunsToCompare& runs, consensus::Options options) {
  options.seed = std::random_device()();  // one for both: hashes can be compared
  const auto both = open_both(runs, runs.hosts, options);
  if (!both) return both.error();
  if (const Status known = check_names(runs, *both); !known) return known.error();
  RunComparison compared{{}, {}, warnings_of(*both)};
  const std::vector<Pair> pairs = pairs_of(*both, compared.diff);
  std::vector<Kind> kinds = kinds_of(*both, pairs, options.masks, compared.diff);
  std::vector<Kind*> some;
  std::vector<report::HostChange> changes;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    some.push_back(&kinds[i]);
    if (some.size() < kReadAgain && i + 1 < kinds.size()) continue;
    if (const Status added = add_rows(runs, options, *both, std::exchange(some, {})); !added)
      return added.error();
  }
  if (runs.lines) compared.hosts = all_hosts(*both, pairs, kinds, compared.diff);
  for (Kind& kind : kinds) changes.push_back(std::move(kind.change));
  report::fold_changes(std::move(changes), compared.diff);
  return compared;
}

}  // namespace bdsh::app
