// How long one call holds the event loop while many hosts are logged in to:
//   loop_bench [bdsh-tui's options] -- COMMAND
// prints, as JSON, how many calls there were, the longest by the clock and by this thread's CPU
// time (milliseconds), how many took more than 5 ms by the clock, and how many hosts ended well. By
// the clock a call is also as long as other programs take the processor away meanwhile; by CPU time
// it is not longer where it waits.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "app/setup.hpp"
#include "config/settings.hpp"
#include "net/pool.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

class Ends : public bdsh::net::Sink {
 public:
  explicit Ends(std::size_t hosts) : left(hosts) {}
  void on_bytes(bdsh::HostId, bdsh::net::Stream, std::string_view) override {}
  void on_event(std::optional<bdsh::HostId>, const std::string&) override {}
  void on_status(bdsh::HostId, const bdsh::HostStatus& status) override {
    if (!status.ended()) return;
    --left;
    if (status.state == bdsh::HostState::done) ++well;
  }
  std::size_t left;
  std::size_t well = 0;
};

struct Held {
  std::size_t calls = 0;
  std::size_t long_ones = 0;
  double wall = 0;
  double cpu = 0;
};

// One call at a time, so that each can be timed; asks again every 50 µs while nothing is ready.
Held run(boost::asio::io_context& loop, const Ends& ends) {
  Held held;
  while (ends.left > 0) {
    const auto began = Clock::now();
    const double used = cpu_ms();
    if (loop.poll_one() == 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      continue;
    }
    const double wall = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
    ++held.calls;
    held.wall = std::max(held.wall, wall);
    held.cpu = std::max(held.cpu, cpu_ms() - used);
    if (wall > 5) ++held.long_ones;
  }
  return held;
}

}  // namespace

int main(int argc, char** argv) {
  const auto settings = bdsh::config::load(std::vector<std::string>(argv + 1, argv + argc),
                                           bdsh::config::Environment::current(), "bench");
  if (!settings.ok()) {
    std::fprintf(stderr, "loop_bench: %s\n", settings.error().message.c_str());
    return 2;
  }
  boost::asio::io_context loop(1);
  Ends ends(settings->hosts.size());
  bdsh::net::Pool pool(loop, settings->hosts,
                       bdsh::app::pool_options(*settings, false, {bdsh::Rows{24}, bdsh::Cols{80}}),
                       ends);
  pool.start();
  const Held held = run(loop, ends);
  std::printf(
      "{\"hosts\": %zu, \"well\": %zu, \"calls\": %zu, \"wall_ms\": %.2f, \"cpu_ms\": %.2f, "
      "\"over_5_ms\": %zu}\n",
      settings->hosts.size(), ends.well, held.calls, held.wall, held.cpu, held.long_ones);
  pool.stop(std::chrono::milliseconds(0), [&loop] { loop.stop(); });
  loop.run();
}
