#include "consensus/alignments.hpp"

#include <utility>

namespace bdsh::consensus {

void AlignJob::run() {
  if (!cancelled_) result_ = align(left_, right_, key_.cap);
}

Alignment Alignments::get(const AlignKey& key, std::span<const std::uint32_t> left,
                          std::span<const std::uint32_t> right) {
  auto used = used_.find(key);
  if (used == used_.end()) {
    auto known = known_.extract(key);
    used = known.empty() ? used_.emplace(key, make(key, left, right)).first
                         : used_.insert(std::move(known)).position;
  }
  return used->second.alignment;
}

Alignments::Entry Alignments::make(const AlignKey& key, std::span<const std::uint32_t> left,
                                   std::span<const std::uint32_t> right) {
  if (!defer_ || key.cap == 0 || quick_to_align(left, right))
    return {align(left, right, key.cap), nullptr};
  Entry entry{align(left, right, 0), nullptr};
  entry.alignment.pending = true;
  entry.job = std::make_shared<AlignJob>(key, std::vector<std::uint32_t>(left.begin(), left.end()),
                                         std::vector<std::uint32_t>(right.begin(), right.end()));
  fresh_.push_back(entry.job);
  return entry;
}

void Alignments::end() {
  for (const auto& [key, entry] : known_)
    if (entry.job) entry.job->cancel();
  known_ = std::exchange(used_, {});
}

void Alignments::clear() {
  begin();
  end();
}

bool Alignments::deliver(const AlignJob& job) {
  const auto known = known_.find(job.key_);
  if (known == known_.end() || known->second.job.get() != &job || job.cancelled()) return false;
  known->second = {job.result_, nullptr};
  return true;
}

}  // namespace bdsh::consensus
