// The child processes of a pool: each is watched, reaped, and ended when nobody wants it any more.
// All calls and callbacks are on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <set>

#include "core/host_status.hpp"
#include "net/asio.hpp"
#include "net/launch.hpp"

namespace bdsh::net {

// A running child. When its last owner lets go, its session is sent SIGHUP, and SIGKILL when that
// did not help.
class Child {
 public:
  virtual ~Child() = default;
  virtual std::optional<ExitResult> result() = 0;  // once it has ended
  virtual void signal(int number) = 0;  // to its whole session's process group
};

class Children {
 public:
  using Ended = std::function<void(const ExitResult&)>;

  // `loop` outlives this object.
  explicit Children(asio::io_context& loop);
  // Those that are left are killed and reaped.
  ~Children();

  // `ended` is called once, after the child has ended, unless it was let go of before.
  Result<std::shared_ptr<Child>> start(const Launch& launch, Ended ended);
  // Calls `done` as soon as no child is left, or after `grace`; at once when there is none.
  void when_gone(std::chrono::milliseconds grace, std::function<void()> done);

 private:
  class Process;
  class Handle;
  void gone(const std::shared_ptr<Process>& process);
  void farewell();

  asio::io_context& loop_;
  std::set<std::shared_ptr<Process>> processes_;
  asio::steady_timer grace_;
  std::function<void()> all_gone_;
};

}  // namespace bdsh::net
