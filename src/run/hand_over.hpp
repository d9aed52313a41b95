// What the program has handed over and the writer thread has not yet taken: the border between the
// two. Nothing here touches the disk, and the lock is held for moments only.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "run/host_log.hpp"
#include "run/run_yaml.hpp"

namespace bdsh::run {

// What one host handed over, or a part of it with the next one behind: the bytes follow those of
// its share before without a gap.
struct HostShare {
  HostId host;
  std::uint64_t begin = 0;  // the first byte's place among all that the host ever handed over
  std::string bytes;
  std::vector<Chunk> chunks;
  std::optional<HostMeta> meta;
};

// A round began, or a host was started again (round 0), when so many bytes had been handed over.
// No chunk reaches over a mark of its host.
struct Mark {
  std::int64_t micros = 0;
  int round = 0;
  HostSet hosts;                    // the participants, or the host
  std::vector<std::uint64_t> upto;  // by host; for round 0 the one host's alone

  // Nothing when the mark says nothing of the host.
  std::optional<std::uint64_t> offset(HostId host) const;
};

struct Batch {
  std::vector<HostShare> hosts;
  std::vector<Mark> marks;  // in order
  std::string events;       // lines
  std::string resizes;
  std::size_t bytes = 0;
  bool closing = false;
  WallTime closed_at;
};

class HandOver {
 public:
  using Steady = std::chrono::steady_clock;

  HandOver(std::size_t hosts, WallTime started) : started_(started), slots_(hosts) {}

  // The program's side.
  void append(HostId host, std::string_view bytes, WallTime now);
  void set_status(HostId host, const HostStatus& status, WallTime now);
  void event(std::string_view host, std::string_view text, WallTime now);
  void resized(Size size, WallTime now);
  void round(int number, const HostSet& participants, WallTime now);
  void restarted(HostId host, WallTime now);
  void close(WallTime now);
  std::size_t pending() const;  // bytes that written() has not heard of

  // The thread's side. take() waits for work, or until `due`, and lets a little more gather.
  Batch take(const std::optional<Steady::time_point>& due);
  void written(Batch& batch);  // which is of no further use

 private:
  struct Slot {
    std::uint64_t taken = 0;  // bytes, in all batches so far
    std::string bytes;
    std::vector<Chunk> chunks;
    HostMeta meta;
    bool meta_changed = false;
    bool queued = false;
    bool marked = false;  // since the last chunk

    std::uint64_t handed_over() const { return taken + bytes.size(); }
  };

  std::int64_t micros(WallTime now) const;
  bool has_work() const;
  void queue(HostId host, Slot& slot);
  void wake_for(std::size_t bytes);
  void set_aside(HostId host, Slot& slot);
  void enlarge(std::string& buffer);
  void wait_for_work(std::unique_lock<std::mutex>& lock,
                     const std::optional<Steady::time_point>& due);
  void take_hosts();

  const WallTime started_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Slot> slots_;
  std::vector<HostId> queued_;
  Batch next_;  // of its hosts only what set_aside() put there
  std::size_t pending_ = 0;
  // Large buffers that were written, to be filled again: new memory costs more than the copy into
  // it.
  std::vector<std::string> spare_;
  bool idle_ = false;  // the thread waits for work
};

}  // namespace bdsh::run
