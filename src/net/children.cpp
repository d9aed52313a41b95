#include "net/children.hpp"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bdsh::net {
namespace {

constexpr std::chrono::seconds kHangUpGrace{1};
using Wait = asio::posix::stream_descriptor::wait_type;

ExitResult result_of(int status) {
  if (WIFEXITED(status)) return {WEXITSTATUS(status), {}};
  const char* name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : nullptr;
  return {std::nullopt, name == nullptr ? "?" : name};
}

}  // namespace

class Children::Process : public std::enable_shared_from_this<Process> {
 public:
  Process(Children& owner, pid_t pid, Ended ended)
      : owner_(owner), pid_(pid), ended_(std::move(ended)), descriptor_(owner.loop_), timer_(owner.loop_) {}

  Status watch() {
    auto end = watch_end(pid_);
    if (!end) return end.error();
    descriptor_.assign(end->release());
    descriptor_.async_wait(Wait::wait_read, [self = shared_from_this()](ErrorCode failed) {
      if (!failed) self->reap();
    });
    return Done{};
  }

  // Not yet reaped, so the number is still the child's.
  void signal(int number) const {
    if (pid_ > 0 && ::kill(-pid_, number) != 0) ::kill(pid_, number);
  }

  std::optional<ExitResult> result() {
    if (pid_ > 0) reap();
    return result_;
  }

  void let_go() {
    ended_ = nullptr;
    if (pid_ <= 0) return;
    signal(SIGHUP);
    signal(SIGCONT);  // a stopped program cannot hear the other
    timer_.expires_after(kHangUpGrace);
    timer_.async_wait([self = shared_from_this()](ErrorCode failed) {
      if (!failed) self->signal(SIGKILL);
    });
  }

  void kill_now() {
    ErrorCode ignored;
    descriptor_.close(ignored);
    timer_.cancel();
    if (pid_ <= 0) return;
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  void reap() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return;
    pid_ = -1;
    const auto self = shared_from_this();
    descriptor_.close();
    timer_.cancel();
    result_ = result_of(status);
    const Ended ended = std::exchange(ended_, nullptr);
    owner_.gone(self);
    if (ended) ended(*result_);
  }

  Children& owner_;
  pid_t pid_;
  Ended ended_;
  std::optional<ExitResult> result_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer timer_;
};

class Children::Handle : public Child {
 public:
  explicit Handle(std::shared_ptr<Process> process) : process_(std::move(process)) {}
  ~Handle() override { process_->let_go(); }
  std::optional<ExitResult> result() override { return process_->result(); }
  void signal(int number) override { process_->signal(number); }

 private:
  std::shared_ptr<Process> process_;
};

Children::Children(asio::io_context& loop) : loop_(loop), grace_(loop) {}

Children::~Children() {
  for (const auto& process : processes_) process->kill_now();
}

Result<std::shared_ptr<Child>> Children::start(const Launch& what, Ended ended) {
  const auto pid = launch(what);
  if (!pid) return pid.error();
  auto process = std::make_shared<Process>(*this, *pid, std::move(ended));
  if (const Status watched = process->watch(); !watched) {
    process->kill_now();
    return watched.error();
  }
  processes_.insert(process);
  return std::shared_ptr<Child>(std::make_shared<Handle>(std::move(process)));
}

void Children::gone(const std::shared_ptr<Process>& process) {
  processes_.erase(process);
  if (processes_.empty()) farewell();
}

void Children::when_gone(std::chrono::milliseconds grace, std::function<void()> done) {
  all_gone_ = std::move(done);
  if (processes_.empty()) return farewell();
  grace_.expires_after(grace);
  grace_.async_wait([this](ErrorCode failed) {
    if (!failed) farewell();
  });
}

void Children::farewell() {
  if (!all_gone_) return;
  grace_.cancel();
  asio::post(loop_, std::exchange(all_gone_, nullptr));
}

}  // namespace bdsh::net
