#include "net/bench.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace bdsh::net::test {

namespace {

int open_sockets() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry, gone).string();
    count += target.starts_with("socket:") ? 1 : 0;
  }
  return count;
}

}  // namespace

std::string Seen::event_text() const {
  std::string text;
  for (const std::string& event : events) text += event + "\n";
  return text;
}

int Seen::times(HostState state) const {
  int count = 0;
  for (const HostStatus& status : statuses) count += status.state == state ? 1 : 0;
  return count;
}

void Recorder::on_bytes(HostId host, Stream stream, std::string_view bytes) {
  Seen& seen = seen_[host];
  EXPECT_FALSE(seen.ended()) << "output after the final status";
  (stream == Stream::out ? seen.out : seen.err) += bytes;
  if (also_bytes) also_bytes(host, bytes);
}

void Recorder::on_status(HostId host, const HostStatus& status) {
  Seen& seen = seen_[host];
  seen.statuses.push_back(status);
  seen.bytes_at_end = seen.out.size();
}

void Recorder::on_event(std::optional<HostId> host, const std::string& text) {
  if (!host) run_events += text + "\n";
  if (host) seen_[*host].events.push_back(text);
}

Bench::Bench(std::vector<HostSpec> hosts, PoolOptions options, Backend backend)
    : sockets_before_(open_sockets()),
      pool_(std::make_unique<Pool>(loop_, std::move(hosts), std::move(options), recorder_,
                                   std::move(backend))) {}

Bench::~Bench() {
  stop();
  EXPECT_EQ(open_sockets(), sockets_before_) << "a socket was left open";
}

bool Bench::until(const std::function<bool()>& condition, int milliseconds) {
  const auto end = Clock::now() + Millis{milliseconds};
  while (!condition()) {
    if (Clock::now() >= end) {
      ADD_FAILURE() << "waited in vain; host 0 says: " << host().event_text() << host().error();
      return false;
    }
    if (loop_.stopped()) loop_.restart();
    loop_.run_one_for(Millis{20});
  }
  return true;
}

void Bench::run_for(int milliseconds) {
  const auto end = Clock::now() + Millis{milliseconds};
  while (Clock::now() < end) {
    if (loop_.stopped()) loop_.restart();
    loop_.run_one_until(end);
  }
}

bool Bench::all_ended(std::size_t count) {
  for (std::uint32_t i = 0; i < count; ++i)
    if (!host(i).ended()) return false;
  return true;
}

void Bench::run_to_end(std::size_t count) {
  pool_->start();
  until([&] { return all_ended(count); });
}

void Bench::stop() {
  if (!pool_) return;
  bool done = false;
  pool_->stop(Millis{1'000}, [&] { done = true; });
  until([&] { return done; }, 5'000);
  pool_.reset();
  loop_.restart();
  loop_.poll();
}

PoolOptions batch(const std::string& command) {
  PoolOptions options;
  options.command = command;
  options.pty = false;
  return options;
}

PoolOptions shell() { return {}; }

}  // namespace bdsh::net::test
