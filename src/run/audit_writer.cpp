#include "run/audit_writer.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace bdsh::run {

// The program's and the thread's; the last of the two takes it away.
struct AuditWriter::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<AuditRecord> waiting;
  std::unique_ptr<AuditSink> sink;  // the thread's alone
  std::function<void(const Error&)> failed;
  std::optional<Error> error;  // the first
  std::size_t lost = 0;
  bool writing = false;
  bool closing = false;
  bool left = false;  // closed, whether all was written or not

  void write_all_that_comes() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [this] { return closing || !waiting.empty(); });
      if (waiting.empty()) return;
      write_next(lock);
      changed.notify_all();
    }
  }

  void wait_for_end(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds patience) {
    const bool done =
        changed.wait_for(lock, patience, [this] { return waiting.empty() && !writing; });
    failed = nullptr;  // what it refers to may be gone from here on
    if (done) return;
    lost += waiting.size() + 1;
    waiting.clear();
    if (!error) error = Error{ErrorKind::io, "it does not answer"};
  }

  void write_next(std::unique_lock<std::mutex>& lock) {
    const AuditRecord record = std::move(waiting.front());
    waiting.pop_front();
    writing = true;
    lock.unlock();
    const Status written = sink->write(record);
    lock.lock();
    writing = false;
    if (written) return;
    ++lost;
    if (error) return;
    error = written.error();
    if (failed) failed(*error);
  }
};

AuditWriter::AuditWriter(std::unique_ptr<AuditSink> sink, std::function<void(const Error&)> failed)
    : shared_(std::make_shared<Shared>()) {
  shared_->sink = std::move(sink);
  shared_->failed = std::move(failed);
  std::thread([shared = shared_] { shared->write_all_that_comes(); }).detach();
}

AuditWriter::~AuditWriter() {
  (void)close();
}

void AuditWriter::add(AuditRecord record) {
  const std::lock_guard lock(shared_->mutex);
  shared_->waiting.push_back(std::move(record));
  shared_->changed.notify_all();
}

std::optional<Error> AuditWriter::close(std::chrono::milliseconds patience) {
  std::unique_lock lock(shared_->mutex);
  shared_->closing = true;
  shared_->changed.notify_all();
  if (!std::exchange(shared_->left, true)) shared_->wait_for_end(lock, patience);
  if (shared_->lost == 0) return std::nullopt;
  const std::string records =
      std::to_string(shared_->lost) + (shared_->lost == 1 ? " record" : " records");
  return Error{shared_->error->kind, records + " lost: " + shared_->error->message};
}

}  // namespace bdsh::run
