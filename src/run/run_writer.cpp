#include "run/run_writer.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>
#include <thread>

#include "core/text.hpp"
#include "run/files.hpp"
#include "run/names.hpp"
#include "run/remove_run.hpp"
#include "run/run_directory.hpp"
#include "run/run_files.hpp"
#include "run/times.hpp"

namespace bdsh::run {
namespace {

using Steady = std::chrono::steady_clock;

// How long the thread lets work gather, so that many small appends become few writes.
constexpr std::chrono::milliseconds kGather{20};
constexpr std::size_t kFlushBytes = 1U << 20U;  // more than this does not wait
// A state that soon passes (connecting, running) is not worth a file: it is written only when it
// lasts longer than this. Ends are written at once.
constexpr std::chrono::milliseconds kMetaLag{250};
// Appends this close together become one line of timing.
constexpr std::int64_t kSameMoment = 1000;  // microseconds

constexpr char kReplayScript[] =
    "#!/bin/sh\n"
    "# Plays a host's log with scriptreplay(1): sh replay FOLDER [scriptreplay's options]\n"
    "# scriptreplay takes the first line of a log for script(1)'s header and leaves it out; the\n"
    "# logs here have none, so that it gets an empty one.\n"
    "dir=$(dirname -- \"$0\")/$1\n"
    "shift\n"
    "{ echo; cat -- \"$dir/out.log\"; } |\n"
    "  scriptreplay \"$@\" --log-timing=\"$dir/out.timing\" --log-out=/dev/stdin\n";

}  // namespace

class RunWriter::Impl {
 public:
  Impl(RunDirectory directory, RunRecord run)
      : directory_(std::move(directory)),
        started_(run.description.started),
        slots_(run.folders.size()),
        files_(directory_.fd.get(), std::move(run)) {}
  ~Impl() { close(std::chrono::system_clock::now()); }

  Status begin();
  void append(HostId host, std::string_view bytes, WallTime now);
  void set_status(HostId host, const HostStatus& status, WallTime now);
  void event(std::string_view host, const std::string& text, WallTime now);
  void resized(Size size, WallTime now);
  void close(WallTime now);
  Status set_keep(bool keep);
  bool keep() const;
  Status remove_unless_kept();
  std::size_t pending() const;
  std::optional<Error> take_error();
  const std::string& host_name(HostId host) const {
    return files_.run().description.hosts[host.value].name;
  }
  const std::filesystem::path& path() const { return directory_.path; }

 private:
  // What one host has handed over and the thread has not yet taken.
  struct Slot {
    std::string bytes;
    std::vector<Chunk> chunks;
    HostMeta meta;
    bool meta_changed = false;
    bool queued = false;
  };
  struct Taken {
    HostId host;
    std::string bytes;
    std::vector<Chunk> chunks;
    std::optional<HostMeta> meta;
  };
  struct Batch {
    std::vector<Taken> hosts;
    std::string events;
    std::string resizes;
    std::size_t bytes = 0;
    bool closing = false;
  };

  std::int64_t micros(WallTime now) const {
    return std::chrono::duration_cast<std::chrono::microseconds>(now - started_).count();
  }
  void mark(HostId host, Slot& slot);
  void wake_for(std::size_t bytes);
  void work();
  Batch wait_for_work();
  void take_hosts(Batch& batch);
  void make_folders();
  void write(Batch& batch);
  void write_meta(HostId host, HostMeta meta);
  void write_lagging(bool all);
  void note(const Status& status);

  RunDirectory directory_;
  WallTime started_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Slot> slots_;
  std::vector<HostId> dirty_;
  std::string events_;
  std::string resizes_;
  std::size_t pending_ = 0;
  bool idle_ = false;  // the thread waits for work
  bool closing_ = false;
  WallTime closed_at_;
  std::optional<Error> error_;
  std::set<std::string> noted_;  // each failure is reported once, however often it happens

  // The thread's own.
  RunFiles files_;
  std::vector<std::optional<HostMeta>> lagging_;
  std::optional<Steady::time_point> lag_due_;
  std::thread thread_;
};

Status RunWriter::Impl::begin() {
  if (Status written = files_.write_run(); !written)
    return written.error().about(directory_.path.string());
  if (Status written = create_file(directory_.fd.get(), "replay", kReplayScript); !written)
    return written.error().about(directory_.path.string());
  lagging_.resize(slots_.size());
  thread_ = std::thread([this] { work(); });
  return Done{};
}

void RunWriter::Impl::mark(HostId host, Slot& slot) {
  if (!slot.queued) dirty_.push_back(host);
  slot.queued = true;
}

// Wakes the thread only when it sleeps without work or when there is so much that it should not
// gather any longer.
void RunWriter::Impl::wake_for(std::size_t bytes) {
  const bool crossed = pending_ < kFlushBytes && pending_ + bytes >= kFlushBytes;
  pending_ += bytes;
  if (idle_ || crossed) wake_.notify_one();
  idle_ = false;
}

void RunWriter::Impl::append(HostId host, std::string_view bytes, WallTime now) {
  if (bytes.empty()) return;
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[host.value];
  const std::int64_t at = micros(now);
  slot.bytes.append(bytes);
  if (!slot.chunks.empty() && at - slot.chunks.back().micros < kSameMoment)
    slot.chunks.back().size += bytes.size();
  else
    slot.chunks.push_back({at, bytes.size()});
  mark(host, slot);
  wake_for(bytes.size());
}

void RunWriter::Impl::set_status(HostId host, const HostStatus& status, WallTime now) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[host.value];
  const bool differs = slot.meta.differs(status);
  slot.meta.apply(status, now);
  if (!differs) return;
  slot.meta_changed = true;
  mark(host, slot);
  wake_for(0);
}

void RunWriter::Impl::event(std::string_view host, const std::string& text, WallTime now) {
  const std::string line =
      iso_time(now) + "\t" + sanitised(host, 256) + "\t" + sanitised(text) + "\n";
  const std::lock_guard lock(mutex_);
  events_ += line;
  wake_for(line.size());
}

void RunWriter::Impl::resized(Size size, WallTime now) {
  const std::lock_guard lock(mutex_);
  std::array<char, 96> line{};
  const std::int64_t at = std::max<std::int64_t>(0, micros(now));
  const int count = std::snprintf(
      line.data(), line.size(), "%lld.%06lld %d %d\n", static_cast<long long>(at / 1'000'000),
      static_cast<long long>(at % 1'000'000), size.rows.value, size.cols.value);
  resizes_.append(line.data(), static_cast<std::size_t>(count));
  wake_for(static_cast<std::size_t>(count));
}

std::size_t RunWriter::Impl::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

std::optional<Error> RunWriter::Impl::take_error() {
  const std::lock_guard lock(mutex_);
  return std::exchange(error_, std::nullopt);
}

void RunWriter::Impl::note(const Status& status) {
  if (status.ok()) return;
  const std::lock_guard lock(mutex_);
  if (!noted_.insert(status.error().message).second) return;
  if (!error_) error_ = status.error().about(directory_.path.string());
}

void RunWriter::Impl::work() {
  make_folders();
  for (bool closing = false; !closing;) {
    Batch batch = wait_for_work();
    closing = batch.closing;
    write(batch);
    write_lagging(closing);
    files_.touch();
    const std::lock_guard lock(mutex_);
    pending_ -= batch.bytes;
  }
  note(files_.finish(closed_at_, keep()));
  files_.touch();
}

void RunWriter::Impl::make_folders() {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    note(files_.make_folder(HostId{static_cast<std::uint32_t>(i)}));
  files_.touch();
}

RunWriter::Impl::Batch RunWriter::Impl::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto work = [this] {
    return closing_ || !dirty_.empty() || !events_.empty() || !resizes_.empty();
  };
  idle_ = !work();
  if (lag_due_)
    wake_.wait_until(lock, *lag_due_, work);
  else
    wake_.wait(lock, work);
  idle_ = false;
  if (work()) wake_.wait_for(lock, kGather, [this] { return closing_ || pending_ >= kFlushBytes; });
  Batch batch;
  take_hosts(batch);
  batch.events.swap(events_);
  batch.resizes.swap(resizes_);
  batch.bytes = pending_;
  batch.closing = closing_;
  return batch;
}

void RunWriter::Impl::take_hosts(Batch& batch) {
  batch.hosts.reserve(dirty_.size());
  for (const HostId host : dirty_) {
    Slot& slot = slots_[host.value];
    Taken& taken = batch.hosts.emplace_back();
    taken.host = host;
    taken.bytes.swap(slot.bytes);
    taken.chunks.swap(slot.chunks);
    if (slot.meta_changed) taken.meta = slot.meta;
    slot.meta_changed = slot.queued = false;
  }
  dirty_.clear();
}

// Bytes before the status that follows them: whoever reads that a host has ended finds its whole
// log.
void RunWriter::Impl::write(Batch& batch) {
  if (!batch.resizes.empty()) note(files_.append_resizes(batch.resizes));
  for (Taken& taken : batch.hosts) {
    if (!taken.bytes.empty()) note(files_.append(taken.host, taken.bytes, taken.chunks));
    if (taken.meta) write_meta(taken.host, std::move(*taken.meta));
  }
  if (!batch.events.empty()) note(files_.append_events(batch.events));
}

void RunWriter::Impl::write_meta(HostId host, HostMeta meta) {
  std::optional<HostMeta>& lagging = lagging_[host.value];
  if (meta.status.ended()) {
    lagging.reset();
    note(files_.write_meta(host, meta));
    return;
  }
  lagging = std::move(meta);
  if (!lag_due_) lag_due_ = Steady::now() + kMetaLag;
}

void RunWriter::Impl::write_lagging(bool all) {
  if (!lag_due_ || (!all && Steady::now() < *lag_due_)) return;
  lag_due_.reset();
  for (std::size_t i = 0; i < lagging_.size(); ++i)
    if (std::optional<HostMeta> meta = std::exchange(lagging_[i], std::nullopt))
      note(files_.write_meta(HostId{static_cast<std::uint32_t>(i)}, *meta));
}

void RunWriter::Impl::close(WallTime now) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    closed_at_ = now;
  }
  wake_.notify_one();
  thread_.join();
}

Status RunWriter::Impl::set_keep(bool keep) {
  const int fd = directory_.fd.get();
  if (!keep && ::unlinkat(fd, ".keep", 0) != 0 && errno != ENOENT)
    return io_error((directory_.path / ".keep").string(), errno);
  if (keep && !this->keep()) {
    const Status made = create_file(fd, ".keep", "");
    if (!made) return made.error().about(directory_.path.string());
  }
  files_.touch();
  return Done{};
}

bool RunWriter::Impl::keep() const {
  struct stat info {};
  return ::fstatat(directory_.fd.get(), ".keep", &info, AT_SYMLINK_NOFOLLOW) == 0;
}

Status RunWriter::Impl::remove_unless_kept() {
  if (keep()) return Done{};
  return remove_directory(directory_.fd.get(), directory_.parent.get(), directory_.name,
                          directory_.path.string());
}

Result<std::unique_ptr<RunWriter>> RunWriter::create(
    const RunDescription& description, const std::optional<std::filesystem::path>& directory,
    const std::filesystem::path& state_home) {
  Result<RunDirectory> made = directory ? make_run_directory(*directory)
                                        : make_run_directory(state_home / "bdsh" / "runs",
                                                             directory_time(description.started) +
                                                                 "-" + safe_name(description.name));
  if (!made) return made.error();
  std::vector<std::string> names;
  for (const HostSpec& host : description.hosts) names.push_back(host.name);
  auto impl = std::make_unique<Impl>(std::move(*made),
                                     RunRecord{description, folder_names(names), std::nullopt});
  if (Status begun = impl->begin(); !begun) {
    (void)impl->remove_unless_kept();
    return begun.error();
  }
  return std::unique_ptr<RunWriter>(new RunWriter(std::move(impl)));
}

RunWriter::RunWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RunWriter::~RunWriter() = default;

const std::filesystem::path& RunWriter::directory() const {
  return impl_->path();
}
void RunWriter::append(HostId host, std::string_view bytes, WallTime now) {
  impl_->append(host, bytes, now);
}
void RunWriter::set_status(HostId host, const HostStatus& status, WallTime now) {
  impl_->set_status(host, status, now);
}
void RunWriter::event(const std::string& line, WallTime now) {
  impl_->event("", line, now);
}
void RunWriter::event(HostId host, const std::string& line, WallTime now) {
  impl_->event(impl_->host_name(host), line, now);
}
void RunWriter::resized(Size size, WallTime now) {
  impl_->resized(size, now);
}
std::size_t RunWriter::pending_bytes() const {
  return impl_->pending();
}
std::optional<Error> RunWriter::take_error() {
  return impl_->take_error();
}
Status RunWriter::set_keep(bool keep) {
  return impl_->set_keep(keep);
}
bool RunWriter::keep() const {
  return impl_->keep();
}
void RunWriter::close(WallTime now) {
  impl_->close(now);
}
Status RunWriter::remove_unless_kept() {
  return impl_->remove_unless_kept();
}

}  // namespace bdsh::run
