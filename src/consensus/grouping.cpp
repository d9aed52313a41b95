#include "consensus/grouping.hpp"

#include <algorithm>
#include <unordered_map>

namespace bdsh::consensus {
namespace {

using Kind = Progress::Kind;

// Hosts with equal transcripts, equal kinds of progress and equal exit results.
struct Group {
  std::vector<HostId> hosts;  // ascending
  Kind kind = Kind::running;
  std::optional<ExitResult> exit;
  std::size_t length = 0;
  std::uint64_t chain = 0;
  std::size_t support = 0;  // running: hosts whose transcripts are beginnings of this one
  bool placed = false;      // behind: it is no variant
};

// A shell that does not tell its commands' statuses is not unlike one that tells of success.
std::uint64_t exit_key(const Progress& progress) {
  const std::optional<ExitResult>& exit = progress.exit;
  if (!exit || (progress.kind == Kind::settled && exit->success())) return 1;
  const std::uint64_t status =
      exit->status ? static_cast<std::uint32_t>(*exit->status) : std::uint64_t{1} << 40U;
  return hash_text(exit->signal, mix(2, status));
}

// The ways a host's transcript can stand, in the order in which they get to vote.
enum class Rank { votes, running, failed, none };

class Grouping {
 public:
  Grouping(const GroupingInput& in, const OpenFits& open_fits) : in_(in), open_fits_(open_fits) {}

  Outcome run() {
    collect();
    choose();
    set_behind_aside();
    return outcome();
  }

 private:
  std::uint64_t chain_of(HostId host) const {
    return whole_chain(in_.hosts[host.value]).of(in_.masked);
  }

  void collect() {
    for (std::uint32_t i = 0; i < in_.hosts.size(); ++i) {
      in_.hosts[i].contradicts = false;
      const bool present = in_.hosts[i].progress.kind != Kind::absent;
      if (present && in_.participants.contains(HostId{i})) add(HostId{i});
    }
  }

  void add(HostId host) {
    const HostRound& round = in_.hosts[host.value];
    const std::uint64_t chain = chain_of(host);
    const std::size_t lines = length(round);
    const std::uint64_t key =
        mix(mix(chain, lines),
            exit_key(round.progress) + static_cast<std::uint64_t>(round.progress.kind));
    const auto [at, fresh] = by_key_.try_emplace(key, groups_.size());
    if (fresh) {
      Group& group = groups_.emplace_back();
      group.kind = round.progress.kind;
      group.exit = round.progress.exit;
      group.length = lines;
      group.chain = chain;
    }
    groups_[at->second].hosts.push_back(host);
    if (!groups_[at->second].exit) groups_[at->second].exit = round.progress.exit;
  }

  // Success votes at once. While nobody succeeded, what runs may still: so a quick failure is not
  // the reference of those that go on. A host that was lost never votes.
  Rank rank(const Group& group) const {
    if (group.kind == Kind::running) return Rank::running;
    if (group.kind == Kind::lost) return Rank::none;
    const bool failed = group.kind == Kind::finished && !(group.exit && group.exit->success());
    return failed && in_.success_votes ? Rank::failed : Rank::votes;
  }

  void choose() {
    if (in_.pinned && choose_group_of(*in_.pinned)) return;
    for (const Group& group : groups_) rank_ = std::min(rank_, rank(group));
    if (rank_ == Rank::running) count_support();
    std::size_t most = 0;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (rank_ == Rank::none || rank(groups_[i]) != rank_) continue;
      const std::size_t votes = votes_of(groups_[i]);
      if (votes > most) tops_.clear();
      if (votes >= most) tops_.push_back(i);
      most = std::max(most, votes);
    }
  }

  bool choose_group_of(HostId host) {
    for (std::size_t i = 0; i < groups_.size(); ++i)
      if (std::binary_search(groups_[i].hosts.begin(), groups_[i].hosts.end(), host))
        tops_.push_back(i);
    return !tops_.empty();
  }

  std::size_t votes_of(const Group& group) const {
    return rank_ == Rank::running ? group.support : group.hosts.size();
  }

  // A running host votes for what it has printed, and for every transcript that goes on from
  // there. Only a transcript that none goes on from can have the most votes.
  void count_support() {
    std::vector<std::size_t> longest_first;
    for (std::size_t i = 0; i < groups_.size(); ++i)
      if (groups_[i].kind == Kind::running) longest_first.push_back(i);
    std::stable_sort(longest_first.begin(), longest_first.end(), [&](std::size_t a, std::size_t b) {
      return groups_[a].length > groups_[b].length;
    });
    std::vector<bool> covered(groups_.size(), false);
    for (std::size_t i = 0; i < longest_first.size(); ++i) {
      Group& leaf = groups_[longest_first[i]];
      if (covered[longest_first[i]]) continue;
      leaf.support = leaf.hosts.size();
      for (std::size_t j = i + 1; j < longest_first.size(); ++j) {
        const Group& other = groups_[longest_first[j]];
        if (other.length == leaf.length || !begins(other, leaf)) continue;
        leaf.support += other.hosts.size();
        covered[longest_first[j]] = true;
      }
    }
  }

  // Whether `part` is a beginning of `whole`. Where bounds have made that unknown it counts as one:
  // nothing contradicts it.
  bool begins(const Group& part, const Group& whole) const {
    if (part.length > whole.length) return false;
    if (part.length == whole.length) return part.chain == whole.chain;
    const HostId host = whole.hosts.front();
    const HostRound& round = in_.hosts[host.value];
    if (last_line_differs(in_.hosts[part.hosts.front().value], round)) return false;
    const std::optional<Chain> chain = round.lines.chain_at(part.length, in_.lines_of(host));
    return !chain || chain->of(in_.masked) == part.chain;
  }

  // A cheap no for most: the last line of a running host against the other's line there.
  bool last_line_differs(const HostRound& part, const HostRound& whole) const {
    if (part.lines.kept().empty()) return false;
    const std::optional<LineId> there = whole.lines.id_at(part.lines.kept_end() - 1);
    return there && key(part.lines.kept().back()) != key(*there);
  }

  LineId key(LineId id) const { return in_.masked ? in_.table[id].masked : in_.table[id].raw; }

  bool is_top(std::size_t group) const {
    return std::find(tops_.begin(), tops_.end(), group) != tops_.end();
  }

  // Running hosts that have not contradicted a top group are behind it. One whose open line does
  // contradict is a variant of its own.
  void set_behind_aside() {
    const std::size_t count = groups_.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (groups_[i].kind != Kind::running || is_top(i)) continue;
      const std::vector<std::size_t> ahead = tops_beginning_with(groups_[i]);
      if (ahead.empty()) continue;
      groups_[i].placed = true;
      for (const HostId host : std::vector<HostId>(groups_[i].hosts)) place_running(host, ahead);
    }
  }

  std::vector<std::size_t> tops_beginning_with(const Group& part) const {
    std::vector<std::size_t> found;
    for (const std::size_t top : tops_)
      if (begins(part, groups_[top])) found.push_back(top);
    return found;
  }

  void place_running(HostId host, const std::vector<std::size_t>& ahead) {
    HostRound& round = in_.hosts[host.value];
    const auto fits = [&](std::size_t top) { return open_fits_(host, groups_[top].hosts.front()); };
    round.contradicts = round.has_open && std::none_of(ahead.begin(), ahead.end(), fits);
    if (round.contradicts)
      add(host);
    else
      behind_.add(host);
  }

  Outcome outcome() {
    Outcome out;
    out.of = in_.participants.size();
    out.places.assign(in_.hosts.size(), Place::absent);
    out.variant_of.assign(in_.hosts.size(), -1);
    out.behind = behind_;
    behind_.for_each([&](HostId host) { out.places[host.value] = Place::behind; });
    const bool has_reference = tops_.size() == 1;
    for (const std::size_t index : variant_order()) add_variant(out, groups_[index]);
    if (has_reference) {
      out.reference = 0;
      out.variants[0].reference = true;
      out.agree = out.variants[0].hosts.size();
    }
    for (std::size_t v = 0; v < out.variants.size(); ++v)
      out.variants[v].hosts.for_each([&](HostId host) {
        const bool agrees = has_reference && v == 0;
        out.variant_of[host.value] = static_cast<int>(v);
        out.places[host.value] = agrees          ? Place::agrees
                                 : has_reference ? Place::divergent
                                                 : Place::equal;
        if (!agrees) out.divergent.add(host);
      });
    return out;
  }

  // The reference, then by size, then by the lowest host.
  std::vector<std::size_t> variant_order() const {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < groups_.size(); ++i)
      if (!groups_[i].placed) order.push_back(i);
    const std::size_t first = tops_.size() == 1 ? tops_.front() : groups_.size();
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      if ((a == first) != (b == first)) return a == first;
      const Group& x = groups_[a];
      const Group& y = groups_[b];
      if (x.hosts.size() != y.hosts.size()) return x.hosts.size() > y.hosts.size();
      return x.hosts.front() < y.hosts.front();
    });
    return order;
  }

  static void add_variant(Outcome& out, const Group& group) {
    Variant& variant = out.variants.emplace_back();
    for (const HostId host : group.hosts) variant.hosts.add(host);
    variant.exit = group.exit;
    variant.representative = group.hosts.front();
    variant.line_count = group.length;
  }

  const GroupingInput& in_;
  const OpenFits& open_fits_;
  std::vector<Group> groups_;
  std::unordered_map<std::uint64_t, std::size_t> by_key_;
  Rank rank_ = Rank::none;
  std::vector<std::size_t> tops_;  // indices of the groups with the most votes
  HostSet behind_;
};

}  // namespace

Outcome group_hosts(const GroupingInput& input, const OpenFits& open_fits) {
  return Grouping(input, open_fits).run();
}

std::string variant_letter(std::size_t index) {
  std::string letters;
  for (std::size_t rest = index + 1; rest > 0; rest = (rest - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return letters;
}

}  // namespace bdsh::consensus
