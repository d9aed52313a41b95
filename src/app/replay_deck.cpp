#include "app/replay_deck.hpp"

#include <algorithm>
#include <limits>

namespace bdsh::app {
namespace {

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr Micros kEverything = Micros::max();

}  // namespace

// The clock begins at a fixed moment far enough from zero for whoever subtracts from it.
ReplayDeck::ReplayDeck(run::RunTape& tape, RunState& state, EventLog* events, std::uint64_t whole)
    : tape_(tape), state_(state), events_(events), whole_(whole), start_(std::chrono::hours(24)) {}

void ReplayDeck::apply(const run::Record& record) {
  if (const auto* bytes = std::get_if<run::LoggedBytes>(&record))
    state_.feed(bytes->host, bytes->bytes, time_of(bytes->since_start),
                wall_time(bytes->since_start));
  else if (const auto* status = std::get_if<run::LoggedStatus>(&record))
    state_.set_status(status->host, status->status, time_of(at_));
  else if (const auto* event = std::get_if<run::LoggedEvent>(&record)) {
    if (events_ != nullptr) events_->add(event->at.value_or(WallTime()), event->host, event->text);
  } else if (const auto* size = std::get_if<run::LoggedSize>(&record))
    state_.resize(size->host, size->size);
  else if (const auto* round = std::get_if<run::LoggedRound>(&record))
    state_.begin_round(round->participants, wall_time(round->since_start));
  else if (const auto* restart = std::get_if<run::LoggedRestart>(&record))
    state_.restart(HostSet::of(restart->host));
}

void ReplayDeck::apply_all(std::vector<run::Record>& records) {
  for (const run::Record& record : records) apply(record);
  records.clear();
}

bool ReplayDeck::play(Micros to, std::size_t max_bytes) {
  std::size_t bytes = 0;
  for (std::optional<Micros> next = tape_.next(); next && *next <= to; next = tape_.next()) {
    if (bytes >= max_bytes) return false;
    const Micros step = std::min(to, std::max(*next, at_) + kStep);
    at_ = std::max(at_, *next);
    const bool all = tape_.play(step, max_bytes, records_);
    for (const run::Record& record : records_)
      if (const auto* some = std::get_if<run::LoggedBytes>(&record)) bytes += some->bytes.size();
    apply_all(records_);
    if (all) at_ = std::max(at_, step);
    state_.tick(now());
  }
  at_ = std::max(at_, to);
  state_.tick(now());
  return true;
}

// ---- jumping ------------------------------------------------------------------------------------

std::optional<std::size_t> ReplayDeck::round_mark(Micros at) const {
  const std::vector<run::TapeMark>& marks = tape_.marks();
  for (std::size_t m = marks.size(); m > 0; --m)
    if (marks[m - 1].round > 0 && marks[m - 1].at <= at) return m - 1;
  return std::nullopt;
}

// About: up to the last point of the index.
std::uint64_t ReplayDeck::bytes_before(Micros to) const {
  std::uint64_t bytes = 0;
  for (std::uint32_t i = 0; i < tape_.host_count(); ++i)
    if (const run::ReplayPoint* point = index_->before(HostId{i}, to, 0)) bytes += point->place.log;
  return bytes;
}

void ReplayDeck::play_from_start(Micros to) {
  if (events_ != nullptr) events_->clear();
  state_.start_over();
  tape_.rewind();
  at_ = Micros(0);
  mark_.reset();
  while (!play(to, std::numeric_limits<std::size_t>::max())) {
  }
}

void ReplayDeck::jump(Micros to) {
  to = std::clamp(to, Micros(0), tape_.end());
  if (index_ == nullptr || tape_.bytes() <= whole_ || (whole_ > 0 && bytes_before(to) <= whole_))
    return play_from_start(to);
  state_.start_over();
  mark_ = round_mark(to);
  for (std::uint32_t i = 0; i < tape_.host_count(); ++i)
    state_.know_names(HostId{i}, index_->names[i]);
  if (mark_) {
    const run::TapeMark& mark = tape_.marks()[*mark_];
    show_statuses(mark.at);
    state_.jump_to_round(mark.round, mark.hosts, wall_time(mark.at));
  }
  show_statuses(to);
  at_ = to;
  for (std::uint32_t i = 0; i < tape_.host_count(); ++i)
    bring(HostId{i}, to, limit_after(to, HostId{i}));
  const auto& marks = tape_.marks();
  const auto later = std::find_if(marks.begin(), marks.end(),
                                  [to](const run::TapeMark& mark) { return mark.at > to; });
  tape_.go_on(static_cast<std::size_t>(later - marks.begin()), to);
  set_events(to);
  state_.tick(now());
}

void ReplayDeck::set_events(Micros to) {
  if (events_ == nullptr) return;
  events_->clear();
  for (const run::LoggedEvent& event : tape_.events())
    if (!event.at || *event.at <= wall_time(to)) apply(event);
}

void ReplayDeck::show_statuses(Micros at) {
  for (std::uint32_t i = 0; i < tape_.host_count(); ++i)
    state_.set_status(HostId{i}, tape_.status_at(HostId{i}, at), time_of(at));
}

std::uint64_t ReplayDeck::limit_after(Micros at, HostId host) const {
  for (const run::TapeMark& mark : tape_.marks())
    if (mark.round > 0 && mark.at > at) return mark.offsets[host.value];
  return kNoLimit;
}

// Where the host's part of the round begins in its log.
std::uint64_t ReplayDeck::round_begin(HostId host) const {
  return mark_ ? tape_.marks()[*mark_].offsets[host.value] : 0;
}

void ReplayDeck::bring(HostId host, Micros to, std::uint64_t limit) {
  if (!resume_near(host, to, limit)) read_round(host, to, limit);
}

// From the last point that lies a screen before the moment. Nearer ones are tried first; whether
// the screen has scrolled since tells whether one was far enough.
bool ReplayDeck::resume_near(HostId host, Micros to, std::uint64_t limit) {
  const int round = mark_ ? tape_.marks()[*mark_].round : 1;
  const auto rows = static_cast<std::uint64_t>(tape_.size_at(to).rows.value);
  const run::ReplayPoint* tried = nullptr;
  for (std::size_t back = index_->points_back(host, to, rows);; back = back * 2 + 1) {
    const run::ReplayPoint* point = index_->before(host, to, back);
    if (point == nullptr || point == tried || point->round != static_cast<std::uint32_t>(round) ||
        point->place.log < round_begin(host))
      return false;
    tried = point;
    state_.resume(host, {point->line,
                         point->round_line,
                         {point->chain_raw, point->chain_masked},
                         tape_.size_at(point->place.at)});
    tape_.place(host, point->place);
    feed_on(host, to, limit);
    if (state_.terminal(host).rows_scrolled() > 0) return true;
  }
}

// All of the host's part of the round, from a screen or so before it.
void ReplayDeck::read_round(HostId host, Micros to, std::uint64_t limit) {
  const std::uint64_t begin = round_begin(host);
  const auto rows = static_cast<std::uint64_t>(tape_.size_at(to).rows.value);
  const run::ReplayPoint from = index_->screen_before(host, begin, rows);
  state_.resume(host, {from.line, from.line, {}, tape_.size_at(from.place.at)});
  tape_.place(host, from.place);
  if (mark_) {
    feed_on(host, kEverything, begin);
    state_.begin_round_line(host);
  }
  feed_on(host, to, limit);
}

// With the sessions that began anew on the way.
void ReplayDeck::feed_on(HostId host, Micros to, std::uint64_t limit) {
  for (const run::TapeMark& mark : tape_.marks()) {
    if (mark.round > 0 || !mark.hosts.contains(host) || mark.at > to) continue;
    const std::uint64_t offset = mark.offsets[host.value];
    if (offset > limit || offset < tape_.host(host).offset()) continue;
    tape_.play_host(host, kEverything, offset, records_);
    records_.emplace_back(run::LoggedRestart{host});
  }
  tape_.play_host(host, to, limit, records_);
  apply_all(records_);
}

std::size_t ReplayDeck::fill(const HostSet& wanted, std::size_t max_bytes) {
  constexpr std::size_t kMostVariants = 200;
  std::size_t bytes = 0;
  const std::vector<consensus::Variant>& variants = state_.comparison().outcome().variants;
  std::vector<HostId> order;
  for (std::size_t v = 0; v < std::min(variants.size(), kMostVariants); ++v)
    order.push_back(variants[v].representative);
  for (const HostId host : wanted.to_vector()) order.push_back(host);
  for (const HostId host : order) {
    if (state_.comparison().unseen_lines(host) == 0) continue;
    if (bytes >= max_bytes) break;
    const std::uint64_t until = tape_.host(host).offset();
    bytes += static_cast<std::size_t>(until - round_begin(host));
    read_round(host, kEverything, until);
  }
  if (bytes > 0) state_.tick(now());
  return bytes;
}

}  // namespace bdsh::app
