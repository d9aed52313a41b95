#include "run/run_tape.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <map>

#include "core/text.hpp"
#include "run/files.hpp"
#include "run/names.hpp"
#include "run/record_lines.hpp"
#include "run/run_record.hpp"

namespace bdsh::run {
namespace {

constexpr std::size_t kMetaBytes = 256U << 10U;
constexpr std::size_t kLinesBytes = 1U << 30U;  // of rounds.log, events.log
constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
constexpr Micros kEverything = Micros::max();

// FNV-1a over numbers: no secret, only "is it the same".
std::uint64_t fold(std::uint64_t hash, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) hash = (hash ^ (value >> (8 * i) & 0xFFU)) * 0x100'0000'01B3ULL;
  return hash;
}

std::vector<std::string> whole_lines(int directory, const char* name) {
  std::vector<std::string> lines;
  const Result<std::string> text = read_file(directory, name, kLinesBytes);
  if (!text) return lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text->find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(text->substr(begin, end - begin));
  return lines;
}

}  // namespace

Result<std::unique_ptr<RunTape>> RunTape::open(const std::filesystem::path& path) {
  const std::string where = sanitised(path.string());
  Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return io_error(where, errno);
  std::unique_ptr<RunTape> tape(new RunTape(std::move(directory)));
  if (const Status read = tape->read_run(where); !read) return read.error();
  tape->read_marks();
  tape->read_resizes();
  tape->read_events();
  tape->read_states();
  tape->find_end();
  tape->take_fingerprint();
  tape->rewind();
  return tape;
}

Status RunTape::read_run(const std::string& where) {
  Result<RunRecord> run = read_run_record(directory_.get(), where, warnings_);
  if (!run) return run.error();
  run_ = std::move(*run);
  for (std::size_t i = 0; i < run_.folders.size(); ++i)
    hosts_.emplace_back(HostId{static_cast<std::uint32_t>(i)},
                        plain_folder(run_.folders[i]) ? run_.folders[i] : ".no-folder",
                        directory_.get());
  return Done{};
}

void RunTape::read_marks() {
  std::map<std::string, std::uint32_t, std::less<>> by_folder;
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) by_folder.emplace(run_.folders[i], i);
  bool damaged = false;
  for (const std::string& text : whole_lines(directory_.get(), "rounds.log")) {
    const auto line = parse_round_line(text);
    damaged |= !line;
    if (!line) continue;
    TapeMark mark{line->round, line->at, {}, {}};
    mark.offsets.assign(hosts_.size(), line->round > 0 ? 0 : kNoLimit);
    const auto take = [&](const LogPlace& place, bool member) {
      const auto found = by_folder.find(place.folder);
      if (found == by_folder.end()) return;
      mark.offsets[found->second] = place.offset;
      if (member) mark.hosts.add(HostId{found->second});
    };
    for (const LogPlace& place : line->participants) take(place, true);
    for (const LogPlace& place : line->others) take(place, false);
    marks_.push_back(std::move(mark));
  }
  if (damaged) warnings_.emplace_back("rounds.log is damaged: rounds may be missing");
}

void RunTape::read_resizes() {
  for (const std::string& line : whole_lines(directory_.get(), "resize.log"))
    if (const auto resize = parse_resize(line)) resizes_.push_back(*resize);
}

void RunTape::read_events() {
  for (const std::string& line : whole_lines(directory_.get(), "events.log"))
    events_.push_back(parse_event(line));
}

Micros RunTape::since_start(WallTime at) const {
  return std::max(Micros(0), std::chrono::duration_cast<Micros>(at - run_.description.started));
}

// The directory keeps a host's last state. What came before is told by the times in it and by the
// host's first byte.
std::vector<RunTape::StatusChange> RunTape::states_of(HostId host, const HostMeta& meta) {
  std::vector<StatusChange> states;
  const std::optional<Micros> first = host_at(host).next(directory_.get());
  const bool ended = meta.status.ended() || meta.end.has_value();
  HostStatus connecting;
  connecting.state = HostState::connecting;
  connecting.step = ConnectStep::connect;
  HostStatus running;
  running.state = HostState::running;
  running.step = ConnectStep::live;
  const Micros began = meta.start ? since_start(*meta.start) : first.value_or(Micros(0));
  if (meta.start && (!first || began <= *first)) states.push_back({began, connecting});
  if (first)
    states.push_back({*first, running});
  else if (meta.status.step == ConnectStep::live && !ended)
    states.push_back({began, running});
  if (ended)
    states.push_back({meta.end ? since_start(*meta.end) : began, meta.status});
  else if (states.empty() && meta.status.state != HostState::queued)
    states.push_back({began, meta.status});
  for (std::size_t i = 1; i < states.size(); ++i)
    states[i].at = std::max(states[i].at, states[i - 1].at);
  return states;
}

void RunTape::read_states() {
  const bool over = run_.finished.has_value();
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) {
    const Fd folder = open_directory(directory_.get(), run_.folders[i].c_str());
    const Result<std::string> text =
        folder ? read_file(folder.get(), "meta.yaml", kMetaBytes) : io_error("", ENOENT);
    Result<HostMeta> meta = text ? parse_meta_yaml(*text) : Result<HostMeta>(HostMeta());
    if (!meta)
      warnings_.push_back(run_.description.hosts[i].name + ": meta.yaml: " + meta.error().message);
    if (!meta) meta = HostMeta();
    if (const auto missing = meta->missing(hosts_[i].size()); over && missing)
      warnings_.push_back(run_.description.hosts[i].name + ": " + *missing);
    // A shell that was open when the run ended was left by the user.
    const HostState state = meta->status.state;
    if (over && !meta->status.ended() && state != HostState::done) {
      if (hosts_[i].size() > 0) meta->status.step = ConnectStep::live;  // it was entered
      meta->status = not_ended(meta->status);
      meta->end = run_.finished;
    }
    states_.push_back(states_of(HostId{i}, *meta));
  }
}

void RunTape::find_end() {
  if (run_.finished) end_ = since_start(*run_.finished);
  for (const auto& states : states_)
    if (!states.empty()) end_ = std::max(end_, states.back().at);
  for (const TapeMark& mark : marks_) end_ = std::max(end_, mark.at);
  if (run_.finished) return;
  // Killed, or still going on: the times of the last bytes tell.
  std::vector<Record> passed;
  for (HostTape& host : hosts_) {
    for (std::optional<Micros> at; (at = host.next(directory_.get()));) {
      end_ = std::max(end_, *at);
      host.pass_moment(directory_.get());
    }
    host.go_to({}, resizes_);
  }
}

void RunTape::take_fingerprint() {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325ULL;
  const auto add = [&](const std::string& name) {
    struct stat info {};
    if (::fstatat(directory_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) info = {};
    hash = fold(hash, static_cast<std::uint64_t>(info.st_size));
    hash = fold(hash, static_cast<std::uint64_t>(info.st_mtim.tv_sec));
    hash = fold(hash, static_cast<std::uint64_t>(info.st_mtim.tv_nsec));
  };
  for (const char* name : {"rounds.log", "resize.log"}) add(name);
  for (const std::string& folder : run_.folders) {
    add(folder + "/out.log");
    add(folder + "/out.timing");
  }
  fingerprint_ = hash;
}

std::uint64_t RunTape::bytes() const {
  std::uint64_t sum = 0;
  for (const HostTape& host : hosts_) sum += host.size();
  return sum;
}

bool RunTape::timed() const {
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [](const HostTape& host) { return host.timed(); });
}

Size RunTape::size_at(Micros at) const {
  Size size = run_.description.size;
  for (const Resize& resize : resizes_)
    if (resize.at <= at) size = resize.size;
  return size;
}

HostStatus RunTape::status_at(HostId host, Micros at) const {
  HostStatus status;
  for (const StatusChange& change : states_[host.value])
    if (change.at <= at) status = change.status;
  return status;
}

// ---- going on in time ---------------------------------------------------------------------------

void RunTape::set_piece(std::size_t bytes) {
  for (HostTape& host : hosts_) host.set_piece(bytes);
}

void RunTape::rewind() {
  for (HostTape& host : hosts_) host.go_to({}, resizes_);
  mark_ = event_ = 0;
  state_.assign(hosts_.size(), 0);
  find_limits();
  queue_all();
}

void RunTape::go_on(std::size_t mark, Micros at) {
  mark_ = mark;
  const auto wall = run_.description.started + at;
  event_ = static_cast<std::size_t>(
      std::find_if(events_.begin(), events_.end(),
                   [&](const LoggedEvent& event) { return event.at && *event.at > wall; }) -
      events_.begin());
  for (std::size_t i = 0; i < hosts_.size(); ++i)
    state_[i] = static_cast<std::size_t>(
        std::count_if(states_[i].begin(), states_[i].end(),
                      [&](const StatusChange& change) { return change.at <= at; }));
  find_limits();
  queue_all();
}

// Up to the next round for all; up to the next new session for the hosts it is of.
void RunTape::find_limits() {
  limits_.assign(hosts_.size(), kNoLimit);
  for (std::size_t m = mark_; m < marks_.size(); ++m) {
    for (std::size_t i = 0; i < limits_.size(); ++i)
      limits_[i] = std::min(limits_[i], marks_[m].offsets[i]);
    if (marks_[m].round > 0) break;
  }
}

std::optional<Micros> RunTape::next_of(std::uint32_t host) {
  const bool held = hosts_[host].offset() >= limits_[host];
  std::optional<Micros> at;
  if (!held) at = hosts_[host].next(directory_.get());
  if (state_[host] < states_[host].size()) {
    const Micros state = states_[host][state_[host]].at;
    // The end is told behind the last byte.
    const bool last = states_[host][state_[host]].status.ended();
    if (!at || (!last && state <= *at)) at = held && last ? at : std::optional(state);
  }
  return at;
}

void RunTape::queue(std::uint32_t host) {
  if (const auto at = next_of(host)) due_.push({*at, host});
}

void RunTape::queue_all() {
  due_ = {};
  for (std::uint32_t i = 0; i < hosts_.size(); ++i) queue(i);
}

std::optional<Micros> RunTape::next() {
  std::optional<Micros> at;
  const auto earlier = [&](Micros other) { at = at ? std::min(*at, other) : other; };
  if (!due_.empty()) earlier(due_.top().at);
  if (mark_ < marks_.size()) earlier(marks_[mark_].at);
  if (event_ < events_.size() && events_[event_].at) earlier(since_start(*events_[event_].at));
  return at;
}

std::size_t RunTape::play_one(std::uint32_t host, Micros to, std::vector<Record>& out) {
  std::size_t bytes = 0;
  std::vector<StatusChange>& states = states_[host];
  for (; state_[host] < states.size() && states[state_[host]].at <= to; ++state_[host]) {
    const StatusChange& change = states[state_[host]];
    const Micros before = change.status.ended() ? to : std::min(to, change.at - Micros(1));
    bytes += hosts_[host].play(directory_.get(), before, limits_[host], resizes_, out);
    const bool more = hosts_[host].next(directory_.get()).has_value();
    if (change.status.ended() && more) return bytes;
    out.push_back(LoggedStatus{HostId{host}, change.status, {}, {}});
  }
  return bytes + hosts_[host].play(directory_.get(), to, limits_[host], resizes_, out);
}

bool RunTape::play_hosts(Micros to, std::size_t max_bytes, std::vector<Record>& out) {
  std::size_t bytes = 0;
  while (!due_.empty() && due_.top().at <= to) {
    if (bytes >= max_bytes) return false;
    const std::uint32_t host = due_.top().host;
    due_.pop();
    bytes += play_one(host, to, out);
    const auto at = next_of(host);
    if (at && *at > to)
      due_.push({*at, host});
    else if (at && hosts_[host].offset() < limits_[host])
      due_.push({*at, host});
  }
  return true;
}

// What lies before a mark comes before it, whatever the clocks said.
void RunTape::pass_mark(std::vector<Record>& out) {
  const TapeMark& mark = marks_[mark_++];
  const auto bring_up = [&](std::uint32_t i) {
    hosts_[i].play(directory_.get(), kEverything, mark.offsets[i], resizes_, out);
  };
  if (mark.round > 0) {
    for (std::uint32_t i = 0; i < hosts_.size(); ++i) bring_up(i);
    out.push_back(LoggedRound{mark.round, mark.hosts, mark.at});
  } else {
    mark.hosts.for_each([&](HostId host) {
      bring_up(host.value);
      out.push_back(LoggedRestart{host});
    });
  }
  find_limits();
  queue_all();
}

void RunTape::play_events(Micros to, std::vector<Record>& out) {
  const auto until = run_.description.started + to;
  for (; event_ < events_.size() && (!events_[event_].at || *events_[event_].at <= until); ++event_)
    out.push_back(events_[event_]);
}

bool RunTape::play(Micros to, std::size_t max_bytes, std::vector<Record>& out) {
  for (; mark_ < marks_.size() && marks_[mark_].at <= to; pass_mark(out))
    if (!play_hosts(marks_[mark_].at, max_bytes, out)) return false;
  if (!play_hosts(to, max_bytes, out)) return false;
  play_events(to, out);
  return true;
}

void RunTape::play_host(HostId host, Micros to, std::uint64_t limit, std::vector<Record>& out) {
  host_at(host).play(directory_.get(), to, limit, resizes_, out);
}

}  // namespace bdsh::run
