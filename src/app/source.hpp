// Where a run's bytes and statuses come from, and where what the user types goes: live sessions,
// or a run directory that is watched. The front end cannot tell which, but for watching().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "consensus/comparison.hpp"
#include "core/error.hpp"
#include "core/geometry.hpp"
#include "core/ids.hpp"
#include "core/secret.hpp"
#include "net/launch.hpp"
#include "tui/command.hpp"
#include "tui/model.hpp"

namespace bdsh::app {

class Source {
 public:
  virtual ~Source() = default;
  virtual void start() = 0;
  // Ends every session or watch; `done` is called once, when nothing more will come.
  virtual void stop(std::function<void()> done) = 0;

  virtual bool watching() const = 0;
  virtual bool ended() const = 0;  // watching: the run is over

  // Nothing of these does anything on a watched run.
  virtual bool write(HostId host, std::string_view bytes) = 0;  // false: not taken
  virtual void end_input(HostId host) = 0;
  virtual void interrupt(HostId host) = 0;
  virtual void restart(const HostSet& hosts) = 0;
  // What the hosts print from here on is this round: a mark in the log.
  virtual void round_began(int number, const HostSet& participants) = 0;
  virtual void resize(Size size) = 0;
  virtual void resize(HostId host, Size size) = 0;
  // See net::Pool::answer.
  virtual void answer(const HostSet& hosts, std::optional<Secret> answer, bool later) = 0;
  virtual void set_parallel(int parallel) = 0;
  virtual int parallel() const = 0;  // 0: nothing connects
  virtual std::size_t queued_bytes(HostId host) const = 0;
  virtual Status set_keep(bool keep) = 0;
  virtual bool keep() const = 0;

  // See net::Pool::open_subsystem.
  virtual void open_subsystem(HostId, const std::string&, std::function<void(Result<net::Fd>)> opened) {
    opened(Error{ErrorKind::channel, "nothing is connected to"});
  }

  // Of a source that plays a run again. It lets the time pass itself (RunState::tick).
  virtual std::optional<tui::ReplayView> replay_view() const { return std::nullopt; }
  virtual std::string replay(const tui::Replay&) { return {}; }  // what to tell the user, if anything
  virtual void want_whole(HostId) {}  // all of the host's output is looked at
  virtual std::uint64_t pictures() const { return 0; }  // changes with the view
  // Of a source that compares two runs: what hosts have in common, in place of their output.
  virtual consensus::Comparison* overview() { return nullptr; }
  virtual std::optional<tui::ComparedRuns> compared_runs() const { return std::nullopt; }
};

}  // namespace bdsh::app
