// A few threads for what may block and cannot be made not to: getaddrinfo, key files, signatures.
// Completions run on the loop's thread. Threads are started when there is work for them.
#pragma once

#include <functional>
#include <memory>

#include "net/asio.hpp"

namespace bdsh::net {

class Workers {
 public:
  // `loop` must outlive this object, not the jobs.
  Workers(asio::io_context& loop, int threads);
  // Jobs not yet begun are dropped. A thread that is stuck in a system call (a dead name server)
  // is not waited for: it ends by itself, and its completion is dropped.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // `job` runs on a thread of its own, then `done` on the loop. The loop has work meanwhile.
  // `job` must own what it uses: it may outlive this object.
  void run(std::function<void()> job, std::function<void()> done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace bdsh::net
