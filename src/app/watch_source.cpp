#include "app/watch_source.hpp"

namespace bdsh::app {

WatchSource::WatchSource(boost::asio::io_context& loop, run::RunReader& reader, RunState& state,
                         EventLog& events, std::function<void()> changed)
    : reader_(reader), state_(state), events_(events), changed_(std::move(changed)), timer_(loop) {}

void WatchSource::stop(std::function<void()> done) {
  stopped_ = true;
  timer_.cancel();
  done();
}

Status WatchSource::set_keep(bool) {
  return Error{ErrorKind::usage, "watching a run: only the run itself decides whether its logs are kept"};
}

void WatchSource::poll() {
  if (stopped_) return;
  // More may be waiting after a read: go on at once, but let keys and frames in between.
  timer_.expires_after(read_some() ? std::chrono::milliseconds(0) : kPoll);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) poll();
  });
}

bool WatchSource::read_some() {
  const std::vector<run::Record> records = reader_.poll();
  for (const run::Record& record : records) apply(record);
  if (!records.empty()) changed_();
  return !records.empty();
}

void WatchSource::read_all() {
  while (read_some()) {
  }
}

std::optional<WallTime> WatchSource::wall_time(std::chrono::microseconds since_start) const {
  return reader_.description().started + since_start;
}

void WatchSource::apply(const run::Record& record) {
  const auto now = Clock::now();
  if (const auto* bytes = std::get_if<run::LoggedBytes>(&record))
    state_.feed(bytes->host, bytes->bytes, now, wall_time(bytes->since_start));
  else if (const auto* status = std::get_if<run::LoggedStatus>(&record))
    state_.set_status(status->host, status->status, now);
  else if (const auto* event = std::get_if<run::LoggedEvent>(&record))
    events_.add(event->at.value_or(std::chrono::system_clock::time_point()), event->host, event->text);
  else if (const auto* size = std::get_if<run::LoggedSize>(&record))
    state_.resize(size->host, size->size);
  else if (const auto* round = std::get_if<run::LoggedRound>(&record))
    state_.begin_round(round->participants, wall_time(round->since_start));
  else if (const auto* restart = std::get_if<run::LoggedRestart>(&record))
    state_.restart(HostSet::of(restart->host));
}

}  // namespace bdsh::app
