// A run directory as a source: what is there, then what is added while the run goes on. Works
// from the files alone; nothing can be typed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/event_log.hpp"
#include "app/run_state.hpp"
#include "app/untyped_source.hpp"
#include "run/run_reader.hpp"

namespace bdsh::app {

class WatchSource final : public RecordedSource {
 public:
  // All references outlive the source; `changed` is called after each change of `state`.
  WatchSource(boost::asio::io_context& loop, run::RunReader& reader, RunState& state,
              EventLog& events, std::function<void()> changed);

  void start() override { poll(); }
  void stop(std::function<void()> done) override;
  void read_all();  // what is there now, at once, without the loop
  bool ended() const override { return reader_.finished(); }
  Status set_keep(bool) override;
  bool keep() const override { return reader_.keep(); }

 private:
  static constexpr std::chrono::milliseconds kPoll{100};

  void poll();
  bool read_some();
  void apply(const run::Record& record);
  std::optional<WallTime> wall_time(std::chrono::microseconds since_start) const;

  run::RunReader& reader_;
  RunState& state_;
  EventLog& events_;
  std::function<void()> changed_;
  boost::asio::steady_timer timer_;
  bool stopped_ = false;
};

}  // namespace bdsh::app
