#include "run/run_writer.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "core/text.hpp"
#include "run/batch_writer.hpp"
#include "run/files.hpp"
#include "run/hand_over.hpp"
#include "run/names.hpp"
#include "run/remove_run.hpp"
#include "run/run_directory.hpp"
#include "run/times.hpp"

namespace bdsh::run {
namespace {

using std::chrono::milliseconds;

constexpr char kReplayScript[] =
    "#!/bin/sh\n"
    "# Plays a host's log with scriptreplay(1): sh replay FOLDER [scriptreplay's options]\n"
    "# scriptreplay takes the first line of a log for script(1)'s header and leaves it out; the\n"
    "# logs here have none, so that it gets an empty one.\n"
    "dir=$(dirname -- \"$0\")/$1\n"
    "shift\n"
    "{ echo; cat -- \"$dir/out.log\"; } |\n"
    "  scriptreplay \"$@\" --log-timing=\"$dir/out.timing\" --log-out=/dev/stdin\n";

// Signals are for the program's other threads. SIGXFSZ above all: blocked, a log over the limit on
// file sizes is an error of that log and not the end of the program.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// Shared with the threads that touch the disk: when one hangs and is given up, what it uses stays.
class RunWriter::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(RunDirectory directory, RunRecord run, Disk disk)
      : run_(std::move(run)),
        directory_(std::move(directory)),
        disk_(std::move(disk)),
        queue_(run_.folders.size(), run_.description.started) {}

  Status begin();
  void close(WallTime now, milliseconds patience);
  Status set_keep(bool keep);
  bool keep() const;
  Status remove_unless_kept(milliseconds patience);
  std::optional<Error> take_error();
  std::vector<Error> losses() const;
  HandOver& queue() { return queue_; }
  const std::string& host_name(HostId host) const {
    return run_.description.hosts[host.value].name;
  }
  const std::filesystem::path& path() const { return directory_.path; }

 private:
  enum class Phase { not_begun, working, ended, given_up };

  bool wait_until(std::unique_lock<std::mutex>& lock, milliseconds patience,
                  const std::function<bool()>& ended);
  bool run_bounded(std::function<void()> work, milliseconds patience);
  void work(BatchWriter& writer);
  void note(const Error& error);
  void lose(const Error& error);

  const RunRecord run_;
  RunDirectory directory_;
  Disk disk_;
  HandOver queue_;

  std::thread thread_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::not_begun;
  std::deque<Error> errors_;  // not yet taken
  std::vector<Error> losses_;
  std::set<std::string> noted_;  // each failure is reported once, however often it happens
};

Status RunWriter::Impl::begin() {
  RunFiles files(directory_.fd.get(), run_, disk_);
  if (Status written = files.write_run(); !written)
    return written.error().about(directory_.path.string());
  if (Status written = files.write_replay(kReplayScript); !written)
    return written.error().about(directory_.path.string());
  auto writer =
      std::make_shared<BatchWriter>(std::move(files), [this](const Error& error) { note(error); });
  phase_ = Phase::working;
  thread_ = std::thread([self = shared_from_this(), writer] {
    block_signals();
    self->work(*writer);
  });
  return Done{};
}

void RunWriter::Impl::work(BatchWriter& writer) {
  writer.make_folders();
  WallTime closed_at;
  for (bool closing = false; !closing;) {
    Batch batch = queue_.take(writer.due());
    writer.write(batch);
    queue_.written(batch);
    closing = batch.closing;
    closed_at = batch.closed_at;
  }
  for (const Error& lost : writer.finish(closed_at, keep())) lose(lost);
  const std::lock_guard lock(mutex_);
  phase_ = Phase::ended;
  changed_.notify_all();
}

void RunWriter::Impl::note(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!noted_.insert(error.message).second) return;
  errors_.push_back(error.about(directory_.path.string()));
}

void RunWriter::Impl::lose(const Error& error) {
  const std::lock_guard lock(mutex_);
  losses_.push_back(error.about(directory_.path.string()));
}

std::vector<Error> RunWriter::Impl::losses() const {
  const std::lock_guard lock(mutex_);
  return losses_;
}

std::optional<Error> RunWriter::Impl::take_error() {
  const std::lock_guard lock(mutex_);
  if (errors_.empty()) return std::nullopt;
  const Error first = std::move(errors_.front());
  errors_.pop_front();
  return first;
}

void RunWriter::Impl::close(WallTime now, milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::working) return;
  queue_.close(now);
  const bool in_time = wait_until(lock, patience, [this] { return phase_ == Phase::ended; });
  if (!in_time) phase_ = Phase::given_up;
  lock.unlock();
  if (in_time) return thread_.join();
  thread_.detach();
  lose({ErrorKind::io, "the disk does not answer: the logs may lack their end (" +
                           std::to_string(queue_.pending()) + " bytes not written)"});
}

Status RunWriter::Impl::set_keep(bool keep) {
  const int fd = directory_.fd.get();
  if (!keep && ::unlinkat(fd, ".keep", 0) != 0 && errno != ENOENT)
    return io_error((directory_.path / ".keep").string(), errno);
  struct stat info {};
  if (keep && ::fstatat(fd, ".keep", &info, AT_SYMLINK_NOFOLLOW) != 0) {
    const Status made = create_file(disk_, fd, ".keep", "");
    if (!made) return made.error().about(directory_.path.string());
  }
  ::futimens(fd, nullptr);
  return Done{};
}

bool RunWriter::Impl::keep() const {
  struct stat info {};
  return ::fstatat(directory_.fd.get(), ".keep", &info, AT_SYMLINK_NOFOLLOW) == 0 ||
         errno != ENOENT;
}

// False when nothing was done for `patience`, by whichever thread is at the disk.
bool RunWriter::Impl::wait_until(std::unique_lock<std::mutex>& lock, milliseconds patience,
                                 const std::function<bool()>& ended) {
  for (std::uint64_t before = *disk_.steps;;) {
    if (changed_.wait_for(lock, patience, ended)) return true;
    if (std::exchange(before, disk_.steps->load()) == *disk_.steps) return false;
  }
}

// False when `work` got nothing done for `patience`; it then goes on unwatched.
bool RunWriter::Impl::run_bounded(std::function<void()> work, milliseconds patience) {
  auto done = std::make_shared<bool>(false);
  std::thread thread([self = shared_from_this(), work = std::move(work), done] {
    block_signals();
    work();
    const std::lock_guard lock(self->mutex_);
    *done = true;
    self->changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  const bool in_time = wait_until(lock, patience, [&] { return *done; });
  lock.unlock();
  in_time ? thread.join() : thread.detach();
  return in_time;
}

Status RunWriter::Impl::remove_unless_kept(milliseconds patience) {
  close(std::chrono::system_clock::now(), patience);
  const Error left{ErrorKind::io,
                   directory_.path.string() + ": not removed: the disk does not answer"};
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::given_up) return left;
  }
  auto removed = std::make_shared<Status>(Done{});
  const bool ended = run_bounded(
      [this, removed] {
        if (keep()) return;
        *removed = remove_directory(directory_.fd.get(), directory_.parent.get(), directory_.name,
                                    directory_.path.string(), disk_.steps);
      },
      patience);
  return ended ? *removed : Status(left);
}

Result<std::unique_ptr<RunWriter>> RunWriter::create(
    const RunDescription& description, const std::optional<std::filesystem::path>& directory,
    const std::filesystem::path& state_home, WriteCall write) {
  Result<RunDirectory> made = directory ? make_run_directory(*directory)
                                        : make_run_directory(state_home / "bdsh" / "runs",
                                                             directory_time(description.started) +
                                                                 "-" + safe_name(description.name));
  if (!made) return made.error();
  std::vector<std::string> names;
  for (const HostSpec& host : description.hosts) names.push_back(host.name);
  auto impl = std::make_shared<Impl>(std::move(*made),
                                     RunRecord{description, folder_names(names), std::nullopt},
                                     Disk{write ? std::move(write) : system_write(), true,
                                          std::make_shared<std::atomic<std::uint64_t>>(0)});
  if (Status begun = impl->begin(); !begun) {
    (void)impl->remove_unless_kept(kPatience);
    return begun.error();
  }
  return std::unique_ptr<RunWriter>(new RunWriter(std::move(impl)));
}

RunWriter::RunWriter(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunWriter::~RunWriter() {
  close(std::chrono::system_clock::now());
}

const std::filesystem::path& RunWriter::directory() const {
  return impl_->path();
}
void RunWriter::append(HostId host, std::string_view bytes, WallTime now) {
  impl_->queue().append(host, bytes, now);
}
void RunWriter::set_status(HostId host, const HostStatus& status, WallTime now) {
  impl_->queue().set_status(host, status, now);
}
void RunWriter::event(const std::string& line, WallTime now) {
  impl_->queue().event("", line, now);
}
void RunWriter::event(HostId host, const std::string& line, WallTime now) {
  impl_->queue().event(impl_->host_name(host), line, now);
}
void RunWriter::resized(Size size, WallTime now) {
  impl_->queue().resized(size, now);
}
void RunWriter::round(int number, const HostSet& participants, WallTime now) {
  impl_->queue().round(number, participants, now);
}
void RunWriter::restarted(HostId host, WallTime now) {
  impl_->queue().restarted(host, now);
}
std::size_t RunWriter::pending_bytes() const {
  return impl_->queue().pending();
}
std::optional<Error> RunWriter::take_error() {
  return impl_->take_error();
}
std::vector<Error> RunWriter::losses() const {
  return impl_->losses();
}
Status RunWriter::set_keep(bool keep) {
  return impl_->set_keep(keep);
}
bool RunWriter::keep() const {
  return impl_->keep();
}
void RunWriter::close(WallTime now, std::chrono::milliseconds patience) {
  impl_->close(now, patience);
}
Status RunWriter::remove_unless_kept(std::chrono::milliseconds patience) {
  return impl_->remove_unless_kept(patience);
}

}  // namespace bdsh::run
