#include "run/hand_over.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "core/text.hpp"
#include "run/times.hpp"

namespace bdsh::run {
namespace {

// How long the thread lets work gather, so that many small appends become few writes.
constexpr std::chrono::milliseconds kGather{20};
constexpr std::size_t kFlushBytes = 1U << 20U;  // more than this does not wait
// Appends this close together become one line of timing.
constexpr std::int64_t kSameMoment = 1000;  // microseconds
// Who prints much fills buffers of this size, which are used again until there was nothing to write
// for some time.
constexpr std::size_t kBuffer = 256U << 10U;
constexpr std::size_t kMuch = kBuffer / 8;
constexpr std::size_t kMostSpare = 8;
constexpr std::chrono::milliseconds kKeepSpare{500};

}  // namespace

std::optional<std::uint64_t> Mark::offset(HostId host) const {
  if (round > 0) return upto[host.value];
  return hosts.contains(host) ? std::optional(upto.front()) : std::nullopt;
}

std::int64_t HandOver::micros(WallTime now) const {
  return std::chrono::duration_cast<std::chrono::microseconds>(now - started_).count();
}

void HandOver::queue(HostId host, Slot& slot) {
  if (!slot.queued) queued_.push_back(host);
  slot.queued = true;
}

// Wakes the thread only when it sleeps without work or when there is so much that it should not
// gather any longer.
void HandOver::wake_for(std::size_t bytes) {
  const bool crossed = pending_ < kFlushBytes && pending_ + bytes >= kFlushBytes;
  pending_ += bytes;
  if (idle_ || crossed) wake_.notify_one();
  idle_ = false;
}

// Gives what the slot holds to the next batch, where it stands before what comes later.
void HandOver::set_aside(HostId host, Slot& slot) {
  HostShare& share = next_.hosts.emplace_back();
  share.host = host;
  share.begin = slot.taken;
  share.bytes.swap(slot.bytes);
  share.chunks.swap(slot.chunks);
  slot.taken += share.bytes.size();
}

void HandOver::enlarge(std::string& buffer) {
  if (spare_.empty()) return buffer.reserve(kBuffer);
  std::string larger = std::move(spare_.back());
  spare_.pop_back();
  larger.assign(buffer);
  buffer.swap(larger);
}

void HandOver::append(HostId host, std::string_view bytes, WallTime now) {
  if (bytes.empty()) return;
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[host.value];
  const std::int64_t at = micros(now);
  if (slot.bytes.size() + bytes.size() > kBuffer && !slot.bytes.empty()) set_aside(host, slot);
  const std::size_t size = slot.bytes.size() + bytes.size();
  if (size > slot.bytes.capacity() && size >= kMuch) enlarge(slot.bytes);
  slot.bytes.append(bytes);
  if (!slot.marked && !slot.chunks.empty() && at - slot.chunks.back().micros < kSameMoment)
    slot.chunks.back().size += bytes.size();
  else
    slot.chunks.push_back({at, bytes.size()});
  slot.marked = false;
  queue(host, slot);
  wake_for(bytes.size());
}

void HandOver::set_status(HostId host, const HostStatus& status, WallTime now) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[host.value];
  const bool differs = slot.meta.differs(status);
  slot.meta.apply(status, now);
  slot.meta.bytes = status.ended() ? std::optional(slot.handed_over()) : std::nullopt;
  if (!differs) return;
  slot.meta_changed = true;
  queue(host, slot);
  wake_for(0);
}

void HandOver::event(std::string_view host, std::string_view text, WallTime now) {
  const std::string line =
      iso_time(now) + "\t" + sanitised(host, 256) + "\t" + sanitised(text) + "\n";
  const std::lock_guard lock(mutex_);
  next_.events += line;
  wake_for(line.size());
}

void HandOver::resized(Size size, WallTime now) {
  std::array<char, 96> line{};
  const std::int64_t at = std::max<std::int64_t>(0, micros(now));
  const int count = std::snprintf(
      line.data(), line.size(), "%lld.%06lld %d %d\n", static_cast<long long>(at / 1'000'000),
      static_cast<long long>(at % 1'000'000), size.rows.value, size.cols.value);
  const std::lock_guard lock(mutex_);
  next_.resizes.append(line.data(), static_cast<std::size_t>(count));
  wake_for(static_cast<std::size_t>(count));
}

void HandOver::round(int number, const HostSet& participants, WallTime now) {
  Mark mark{micros(now), number, participants, {}};
  mark.upto.reserve(slots_.size());
  const std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    mark.upto.push_back(slot.handed_over());
    slot.marked = true;
  }
  next_.marks.push_back(std::move(mark));
  wake_for(0);
}

void HandOver::restarted(HostId host, WallTime now) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[host.value];
  slot.marked = true;
  next_.marks.push_back({micros(now), 0, HostSet::of(host), {slot.handed_over()}});
  wake_for(0);
}

void HandOver::close(WallTime now) {
  const std::lock_guard lock(mutex_);
  next_.closing = true;
  next_.closed_at = now;
  wake_.notify_one();
}

std::size_t HandOver::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

bool HandOver::has_work() const {
  return next_.closing || !queued_.empty() || !next_.marks.empty() || !next_.events.empty() ||
         !next_.resizes.empty();
}

void HandOver::wait_for_work(std::unique_lock<std::mutex>& lock,
                             const std::optional<Steady::time_point>& due) {
  const auto work = [this] { return has_work(); };
  if (!spare_.empty()) {
    const Steady::time_point until = Steady::now() + kKeepSpare;
    if (wake_.wait_until(lock, due ? std::min(*due, until) : until, work)) return;
    if (due && *due <= until) return;
    spare_.clear();
  }
  if (due)
    wake_.wait_until(lock, *due, work);
  else
    wake_.wait(lock, work);
}

Batch HandOver::take(const std::optional<Steady::time_point>& due) {
  std::unique_lock lock(mutex_);
  idle_ = !has_work();
  wait_for_work(lock, due);
  idle_ = false;
  if (has_work())
    wake_.wait_for(lock, kGather, [this] { return next_.closing || pending_ >= kFlushBytes; });
  take_hosts();
  Batch batch = std::exchange(next_, Batch());
  batch.bytes = pending_;
  return batch;
}

void HandOver::take_hosts() {
  next_.hosts.reserve(next_.hosts.size() + queued_.size());
  for (const HostId host : queued_) {
    Slot& slot = slots_[host.value];
    set_aside(host, slot);
    if (slot.meta_changed) next_.hosts.back().meta = slot.meta;
    slot.meta_changed = slot.queued = false;
  }
  queued_.clear();
}

void HandOver::written(Batch& batch) {
  const std::lock_guard lock(mutex_);
  pending_ -= batch.bytes;
  for (HostShare& share : batch.hosts)
    if (share.bytes.capacity() >= kBuffer && spare_.size() < kMostSpare)
      spare_.push_back(std::move(share.bytes));
}

}  // namespace bdsh::run
