// Input that is larger than a host takes at once: it waits here, in order and whole, and goes on as
// the host's write queue drains, so that a paste of megabytes reaches slow hosts too and can still
// be stopped. Text is shared between the hosts it is for. Knows no clock: pump() is called by one.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "app/source.hpp"
#include "core/ids.hpp"

namespace bdsh::app {

class InputFlow {
 public:
  // So much of a paste at most is in a host's write queue, and arrives although it was stopped.
  static constexpr std::size_t kInQueue = 64U << 10U;
  using Text = std::shared_ptr<const std::string>;

  // `source` outlives the flow.
  explicit InputFlow(Source& source) : source_(source) {}

  // Behind what waits for the host already.
  void send(HostId host, Text text);
  bool waits(HostId host) const { return waiting_.contains(host); }
  bool empty() const { return waiting_.empty(); }
  // Hands over what fits. Hosts that take no input any more drop out; they are in the answer.
  HostSet pump();
  // Drops what waits for the hosts; a bracketed paste that had begun is ended for the program.
  void stop(const HostSet& hosts);

  std::size_t host_count() const { return waiting_.size(); }
  std::size_t bytes_left() const;     // of the host that waits for most
  std::size_t bytes_waiting() const;  // of all hosts
  // Of the host that waits for most: 0 … 100.
  int percent() const;

 private:
  struct Waiting {
    std::deque<Text> texts;
    std::size_t sent = 0;   // of the first text
    std::size_t total = 0;  // bytes since it began to wait
    std::size_t left = 0;
  };
  bool hand_over(HostId host, Waiting& waiting);
  const Waiting* longest() const;

  Source& source_;
  std::map<HostId, Waiting> waiting_;
};

}  // namespace bdsh::app
