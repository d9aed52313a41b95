// A pool, its loop and everything it reports, for tests that run it against something.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/asio.hpp"
#include "net/backend.hpp"
#include "net/pool.hpp"

namespace bdsh::net::test {

struct Seen {
  std::string out;
  std::string err;
  std::vector<HostStatus> statuses;
  std::vector<std::string> events;
  std::vector<Login> logins;
  std::size_t bytes_at_end = 0;  // of out, when the last status came

  const HostStatus& last() const { return statuses.back(); }
  bool ended() const { return !statuses.empty() && last().ended(); }
  bool live() const { return !statuses.empty() && last().live(); }
  bool asking() const { return !statuses.empty() && last().asking.has_value(); }
  std::string error() const {
    return !statuses.empty() && last().error ? last().error->message : "";
  }
  std::string event_text() const;
  int times(HostState state) const;
};

class Recorder : public Sink {
 public:
  void on_bytes(HostId host, Stream stream, std::string_view bytes) override;
  void on_status(HostId host, const HostStatus& status) override;
  void on_event(std::optional<HostId> host, const std::string& text) override;
  void on_login(HostId host, const Login& login) override {
    of(host.value).logins.push_back(login);
  }
  std::string run_events;  // of no single host
  Seen& of(std::uint32_t host) { return seen_[HostId{host}]; }

  std::function<void(HostId, std::string_view)> also_bytes;

 private:
  std::map<HostId, Seen> seen_;
};

class Bench {
 public:
  Bench(std::vector<HostSpec> hosts, PoolOptions options, Backend backend = {});
  ~Bench();  // stops the pool, and fails when a socket is left open

  Pool& pool() { return *pool_; }
  Seen& host(std::uint32_t id = 0) { return recorder_.of(id); }
  Recorder& recorder() { return recorder_; }
  // Runs the loop until the condition holds; false, and a failed test, when it takes too long.
  bool until(const std::function<bool()>& condition, int milliseconds = 20'000);
  void run_for(int milliseconds);
  bool all_ended(std::size_t count);
  // Starts all and waits until all have ended.
  void run_to_end(std::size_t count = 1);
  void stop();

 private:
  int sockets_before_;
  asio::io_context loop_;
  Recorder recorder_;
  std::unique_ptr<Pool> pool_;
};

PoolOptions batch(const std::string& command);  // no pty
PoolOptions shell();                            // a login shell on a pty

}  // namespace bdsh::net::test
