// Who may connect now: first come, first served, at most `parallel` at once. Pure bookkeeping.
//
// Hosts behind a jump host share a lane: it is closed until the way is there, and only so many of
// its hosts connect at once. Whoever waits in a lane keeps nobody else waiting.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "core/ids.hpp"

namespace bdsh::net {

class Pacing {
 public:
  // `lane_parallel`: at once in one lane.
  explicit Pacing(int parallel, int lane_parallel = 1);

  void ask(HostId host);     // queues up once; nothing while it waits or holds a turn
  void leave(HostId host);   // gives the turn back, or no longer waits for one
  // The next host whose turn it is; it holds the turn from now on. Nothing: nobody who may go
  // waits, or full.
  std::optional<HostId> grant();
  void set_parallel(int parallel) { parallel_ = at_least_one(parallel); }
  int parallel() const { return parallel_; }
  std::size_t in_progress() const { return holders_.size(); }
  std::size_t waiting() const { return waiting_set_.size(); }

  void put_in_lane(HostId host, std::size_t lane);  // before it asks; lanes begin closed
  void open_lane(std::size_t lane, bool open);

 private:
  struct Lane {
    bool open = false;
    int in_progress = 0;
  };
  static int at_least_one(int number) { return number < 1 ? 1 : number; }
  Lane* lane_of(HostId host);
  bool may_go(HostId host);

  int parallel_;
  int lane_parallel_;
  HostSet holders_;
  HostSet waiting_set_;
  std::deque<HostId> line_;  // waiting_set_, in order
  std::vector<Lane> lanes_;
  std::map<HostId, std::size_t> lane_numbers_;
};

}  // namespace bdsh::net
