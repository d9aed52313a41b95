#include "app/replay_indexer.hpp"

#include <algorithm>

#include "app/replay_deck.hpp"
#include "consensus/hash.hpp"

namespace bdsh::app {
namespace {

constexpr std::size_t kPiece = 2U << 10U;      // what is fed between two looks for a point
constexpr std::size_t kLookBytes = 1U << 20U;  // between two looks for a difference
constexpr std::size_t kStepBytes = 4U << 20U;
// Grows when masks or hashes change what they say.
constexpr std::uint64_t kRevision = 2;

class Indexer {
 public:
  Indexer(run::RunTape& tape, std::vector<RunHost> hosts, RunOptions options,
          IndexProgress& progress)
      : tape_(tape),
        progress_(progress),
        hosts_(hosts),
        options_(bounded(std::move(options))),
        state_(tables_, std::move(hosts), options_) {
    index_.run = tape.fingerprint();
    index_.options = options_fingerprint(options_.compare, hosts_);
    index_.seed = *options_.compare.seed;
    index_.points.resize(tape.host_count());
    index_.names.resize(tape.host_count());
  }

  std::optional<run::ReplayIndex> make() {
    tape_.set_piece(kPiece);
    tape_.rewind();
    while (std::optional<Micros> next = tape_.next()) {
      if (progress_.cancelled) return std::nullopt;
      step(std::max(*next, at_) + ReplayDeck::kStep);
    }
    look();
    for (std::uint32_t i = 0; i < tape_.host_count(); ++i)
      index_.names[i] = state_.names(HostId{i});
    if (difference_) refine();
    return std::move(index_);
  }

 private:
  // What is not shown need not be kept; only what was printed last is looked at.
  static RunOptions bounded(RunOptions options) {
    options.scrollback_lines = 1000;
    options.compare.align_cap = 0;
    options.compare.defer_alignments = false;
    options.compare.max_rounds = 0;
    return options;
  }
  Clock::time_point now() const { return start_ + at_; }
  WallTime wall_time(Micros at) const { return tape_.description().started + at; }

  void step(Micros to) {
    to = std::min(to, std::max(at_, tape_.end()));
    const Micros before = at_;
    for (bool all = false; !all && !progress_.cancelled;) {
      all = tape_.play(to, kStepBytes, records_);
      for (const run::Record& record : records_) take(record);
      records_.clear();
    }
    at_ = std::max(before, to);
    state_.tick(now());
    if (!difference_ && unlooked_ >= kLookBytes) look();
  }

  void take(const run::Record& record) {
    if (const auto* bytes = std::get_if<run::LoggedBytes>(&record)) {
      take_bytes(*bytes);
    } else if (const auto* status = std::get_if<run::LoggedStatus>(&record)) {
      state_.set_status(status->host, status->status, now());
      if (status->status.ended()) unlooked_ = kLookBytes;
    } else if (const auto* size = std::get_if<run::LoggedSize>(&record)) {
      state_.resize(size->host, size->size);
    } else if (const auto* round = std::get_if<run::LoggedRound>(&record)) {
      if (!difference_) look();
      state_.begin_round(round->participants, wall_time(round->since_start));
      round_ = static_cast<std::uint32_t>(round->number);
    } else if (const auto* restart = std::get_if<run::LoggedRestart>(&record)) {
      state_.restart(HostSet::of(restart->host));
      (void)state_.take_lowest_change(restart->host);
    }
  }

  // In two parts, so that there is a point at the beginning of a line.
  void take_bytes(const run::LoggedBytes& record) {
    const std::string_view bytes = record.bytes;
    const std::size_t line = bytes.find_last_of('\n') + 1;  // 0: there is none
    if (line > 0) {
      feed(record.host, bytes.substr(0, line), record.since_start);
      run::TapePlace place = record.behind;
      place.log -= bytes.size() - line;
      consider(record.host, place);
    }
    if (line < bytes.size()) feed(record.host, bytes.substr(line), record.since_start);
    unlooked_ += bytes.size();
    progress_.bytes += bytes.size();
  }

  void feed(HostId host, std::string_view bytes, Micros at) {
    state_.feed(host, bytes, start_ + at, wall_time(at));
    forget_changed(host);
  }

  // Points behind lines that have changed since, or whose names are known only now.
  void forget_changed(HostId host) {
    std::vector<run::ReplayPoint>& points = index_.points[host.value];
    const std::optional<std::uint64_t> changed = state_.take_lowest_change(host);
    while (changed && !points.empty() && points.back().line > *changed &&
           points.back().round == round_)
      points.pop_back();
    std::vector<std::string> names = state_.names(host);
    if (names == index_.names[host.value]) return;
    index_.names[host.value] = std::move(names);
    while (!points.empty() && points.back().round == round_) points.pop_back();
  }

  void consider(HostId host, const run::TapePlace& place) {
    std::vector<run::ReplayPoint>& points = index_.points[host.value];
    const std::uint64_t line = state_.terminal(host).open_line();
    const std::uint64_t round_line = state_.round_line(host);
    const std::uint64_t last = points.empty() ? 0 : points.back().line;
    if (line < last + run::kPointLines || line < round_line) return;
    const auto count = static_cast<std::size_t>(line - round_line);
    if (count != state_.comparison().line_count(host) || !state_.terminal(host).at_rest()) return;
    const auto chain = state_.comparison().chain(host, count);
    if (!chain) return;
    points.push_back({place, line, round_line, round_, 0, chain->raw, chain->masked});
  }

  void look() {
    unlooked_ = 0;
    if (!state_.comparison().outcome().divergent.empty())
      difference_ = at_;
    else
      agreed_ = at_;
  }

  // Between two looks: again from the last one, moment by moment.
  void refine() {
    index_.first_difference = difference_;
    RunState state(tables_, hosts_, options_);
    ReplayDeck deck(tape_, state, nullptr);
    deck.set_index(&index_);
    tape_.set_piece(64U << 10U);
    deck.jump(agreed_);
    const auto differ = [&] { return !state.comparison().outcome().divergent.empty(); };
    while (!differ() && deck.at() < *difference_ && !progress_.cancelled) {
      const std::optional<Micros> next = deck.next();
      if (!next) return;
      deck.play(std::min(std::max(*next, deck.at()), *difference_), kStepBytes);
    }
    if (differ()) index_.first_difference = deck.at();
  }

  run::RunTape& tape_;
  IndexProgress& progress_;
  std::vector<RunHost> hosts_;
  RunOptions options_;
  CellTables tables_;
  RunState state_;
  run::ReplayIndex index_;
  std::vector<run::Record> records_;
  Clock::time_point start_{std::chrono::hours(24)};
  Micros at_{0};
  Micros agreed_{0};
  std::optional<Micros> difference_;
  std::uint32_t round_ = 1;
  std::size_t unlooked_ = 0;  // bytes since the last look
};

}  // namespace

std::uint64_t options_fingerprint(const consensus::Options& compare,
                                  const std::vector<RunHost>& hosts) {
  std::uint64_t hash = consensus::mix(kRevision, hosts.size());
  const auto add = [&](const std::string& text) { hash = consensus::hash_text(text, hash); };
  for (const consensus::UserMask& mask : compare.user_masks) {
    add(mask.name);
    add(mask.pattern);
  }
  for (const std::string& name : compare.disabled_masks) add("-" + name);
  for (const RunHost& host : hosts)
    for (const std::string& word : host.own_words) add(word);
  return hash;
}

std::optional<run::ReplayIndex> make_replay_index(run::RunTape& tape, std::vector<RunHost> hosts,
                                                  RunOptions options, IndexProgress& progress) {
  return Indexer(tape, std::move(hosts), std::move(options), progress).make();
}

}  // namespace bdsh::app
