// Standard input for all hosts of a batch run: read once, spooled to an unlinked temporary file,
// and written to each host from its beginning at that host's own pace, then EOF.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <atomic>
#include <thread>
#include <vector>

#include "app/source.hpp"
#include "core/error.hpp"

namespace bdsh::app {

class StdinFan {
 public:
  // `input` is read by a thread of its own, since it may be a file, a pipe or a device; -1 stands
  // for an empty input. `source` outlives the fan.
  static Result<std::unique_ptr<StdinFan>> open(boost::asio::io_context& loop, int input,
                                                std::size_t host_count, Source& source);
  ~StdinFan();

  void host_live(HostId host);   // from now on it can take input
  void host_ended(HostId host);  // it takes no more

 private:
  static constexpr std::size_t kSlice = 32U << 10U;
  static constexpr std::size_t kAhead = 256U << 10U;  // queued per host

  StdinFan(boost::asio::io_context& loop, int input, int spool, std::size_t host_count,
           Source& source);
  void read_input();
  void pump();
  bool pump_host(HostId host);
  void arm();

  boost::asio::steady_timer timer_;
  Source& source_;
  int input_;
  int spool_;
  std::vector<std::size_t> offset_;
  HostSet open_;  // hosts that still want input
  std::atomic<std::size_t> spooled_{0};
  std::atomic<bool> complete_{false};
  int stop_read_ = -1;   // the reader also waits on this pipe, so that it can be ended
  int stop_write_ = -1;
  bool armed_ = false;
  std::thread reader_;
};

}  // namespace bdsh::app
