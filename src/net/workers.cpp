#include "net/workers.hpp"

#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

namespace bdsh::net {
namespace {

using Guard = asio::executor_work_guard<asio::io_context::executor_type>;

// How long the destructor waits for threads that are not stuck.
constexpr std::chrono::milliseconds kFarewell{200};

struct Job {
  std::uint64_t id;
  std::function<void()> work;
};

// Signals belong to the loop's thread.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

struct Workers::Shared : std::enable_shared_from_this<Workers::Shared> {
  // Guarded by the mutex.
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable ended;
  asio::io_context* loop = nullptr;  // null once the owner is gone
  std::deque<Job> jobs;
  int idle = 0;
  int threads = 0;
  int most = 0;

  // Touched on the loop's thread alone: completions own sessions and sockets, and must not be
  // destroyed on, or outlive the loop in, a thread that is stuck.
  std::unordered_map<std::uint64_t, std::function<void()>> completions;
  std::optional<Guard> guard;
  std::uint64_t last_id = 0;

  std::optional<Job> take();
  void finished(std::uint64_t id);
  void complete(std::uint64_t id);
  void serve();
};

std::optional<Job> Workers::Shared::take() {
  std::unique_lock lock(mutex);
  ++idle;
  wake.wait(lock, [this] { return loop == nullptr || !jobs.empty(); });
  --idle;
  if (loop == nullptr) return {};
  std::optional<Job> job(std::move(jobs.front()));
  jobs.pop_front();
  return job;
}

void Workers::Shared::finished(std::uint64_t id) {
  const std::lock_guard lock(mutex);
  if (loop == nullptr) return;
  asio::post(*loop, [self = shared_from_this(), id] { self->complete(id); });
}

void Workers::Shared::complete(std::uint64_t id) {
  const auto at = completions.find(id);
  if (at == completions.end()) return;
  const auto done = std::move(at->second);
  completions.erase(at);
  if (completions.empty()) guard.reset();
  done();
}

void Workers::Shared::serve() {
  block_signals();
  while (auto job = take()) {
    job->work();
    job->work = nullptr;
    finished(job->id);
  }
  const std::lock_guard lock(mutex);
  --threads;
  ended.notify_all();
}

Workers::Workers(asio::io_context& loop, int threads) : shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->most = threads;
}

Workers::~Workers() {
  shared_->completions.clear();
  shared_->guard.reset();
  std::unique_lock lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->jobs.clear();
  shared_->wake.notify_all();
  shared_->ended.wait_for(lock, kFarewell, [this] { return shared_->threads == 0; });
}

void Workers::run(std::function<void()> job, std::function<void()> done) {
  Shared& s = *shared_;
  if (!s.guard) s.guard.emplace(s.loop->get_executor());
  s.completions.emplace(++s.last_id, std::move(done));
  std::unique_lock lock(s.mutex);
  s.jobs.push_back({s.last_id, std::move(job)});
  const bool enough = s.idle >= static_cast<int>(s.jobs.size()) || s.threads >= s.most;
  if (!enough) ++s.threads;
  lock.unlock();  // first: or who is woken waits for it at once
  s.wake.notify_one();
  if (enough) return;
  std::thread([shared = shared_] { shared->serve(); }).detach();
}

}  // namespace bdsh::net
