// Alignments that were computed before are used again, and those that may take long can be left to
// another thread: until one is delivered its middle is one block.
//
// Who defers takes the jobs, runs each anywhere, and delivers it on the thread of the Comparison.
#pragma once

#include <atomic>
#include <compare>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "consensus/align.hpp"

namespace bdsh::consensus {

// What an alignment is of: hashes of both sides, their lengths, and how far to search.
struct AlignKey {
  std::uint64_t left = 0;
  std::uint64_t right = 0;
  std::size_t left_lines = 0;
  std::size_t right_lines = 0;
  std::size_t cap = 0;
  friend auto operator<=>(const AlignKey&, const AlignKey&) = default;
};

// Owns what it works on, so that it may outlive the Comparison.
class AlignJob {
 public:
  AlignJob(const AlignKey& key, std::vector<std::uint32_t> left, std::vector<std::uint32_t> right)
      : key_(key), left_(std::move(left)), right_(std::move(right)) {}
  // On any thread, once. A cancelled job does nothing; one that runs is not interrupted: its cap
  // bounds it.
  void run();
  void cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }

 private:
  friend class Alignments;
  AlignKey key_;
  std::vector<std::uint32_t> left_;
  std::vector<std::uint32_t> right_;
  std::atomic<bool> cancelled_{false};
  Alignment result_;
};

class Alignments {
 public:
  explicit Alignments(bool defer) : defer_(defer) {}

  // What is not asked for between begin() and end() is forgotten, its jobs are cancelled.
  void begin() { used_.clear(); }
  Alignment get(const AlignKey& key, std::span<const std::uint32_t> left,
                std::span<const std::uint32_t> right);
  void end();
  void clear();

  // New jobs since the last call.
  std::vector<std::shared_ptr<AlignJob>> take_jobs() { return std::exchange(fresh_, {}); }
  // Of a job that has run; false when nobody waits for it any more.
  bool deliver(const AlignJob& job);

 private:
  struct Entry {
    Alignment alignment;
    std::shared_ptr<AlignJob> job;  // while it is not there yet
  };
  Entry make(const AlignKey& key, std::span<const std::uint32_t> left,
             std::span<const std::uint32_t> right);

  bool defer_;
  std::map<AlignKey, Entry> known_;
  std::map<AlignKey, Entry> used_;
  std::vector<std::shared_ptr<AlignJob>> fresh_;
};

}  // namespace bdsh::consensus
