// Who may connect now: first come, first served, at most `parallel` at once. Pure bookkeeping.
#pragma once

#include <deque>
#include <optional>

#include "core/ids.hpp"

namespace bdsh::net {

class Pacing {
 public:
  explicit Pacing(int parallel) : parallel_(parallel < 1 ? 1 : parallel) {}

  void ask(HostId host);     // queues up once; nothing while it waits or holds a turn
  void leave(HostId host);   // gives the turn back, or no longer waits for one
  // The next host whose turn it is; it holds the turn from now on. Nothing: nobody waits, or full.
  std::optional<HostId> grant();
  void set_parallel(int parallel) { parallel_ = parallel < 1 ? 1 : parallel; }
  std::size_t in_progress() const { return holders_.size(); }
  std::size_t waiting() const { return waiting_set_.size(); }

 private:
  int parallel_;
  HostSet holders_;
  HostSet waiting_set_;
  std::deque<HostId> line_;  // waiting_set_, in order
};

}  // namespace bdsh::net
