#include "consensus/transcript.hpp"

#include <algorithm>

namespace bdsh::consensus {

void Transcript::resume(std::size_t lines, Chain chain) {
  clear();
  unseen_ = count_ = lines;
  unseen_chain_ = chain.raw;
  chain_ = kept_chain_ = chain;
}

void Transcript::append(LineId id, Chain line) {
  if (ids_.size() % kStride == 0) checkpoints_.push_back(kept_chain_);
  ids_.push_back(id);
  kept_chain_ = kept_chain_.then(line);
  chain_ = kept_chain_;
  ++count_;
}

void Transcript::append_unkept(Chain line) {
  if (recent_.empty()) recent_.resize(kRecent);
  chain_ = chain_.then(line);
  recent_[count_ % kRecent] = chain_;
  ++count_;
}

std::optional<Chain> Transcript::chain_at(std::size_t n, const HostLines& lines) const {
  if (n == count_) return chain_;
  if (n > count_ || n < unseen_) return std::nullopt;
  if (n == kept_end()) return kept_chain_;
  if (n > kept_end()) {
    if (n + kRecent <= count_) return std::nullopt;
    return recent_[(n - 1) % kRecent];
  }
  const std::size_t kept = n - unseen_;
  Chain chain = checkpoints_[kept / kStride];
  for (std::size_t i = kept / kStride * kStride; i < kept; ++i)
    chain = chain.then(lines.hashes(ids_[i]));
  return chain;
}

void Transcript::truncate(std::size_t n, const HostLines& lines, std::uint64_t salt) {
  if (n >= count_) return;
  const Chain unknown{mix(salt, n), mix(salt, n)};
  const Chain chain = chain_at(n, lines).value_or(unknown);
  if (n < unseen_) return resume(n, chain);
  chain_ = chain;
  count_ = n;
  if (n > kept_end()) {
    recent_[(n - 1) % kRecent] = chain_;
    return;
  }
  ids_.resize(n - unseen_);
  checkpoints_.resize((ids_.size() + kStride - 1) / kStride);
  kept_chain_ = chain_;
  recent_.clear();
}

void Transcript::rebuild(std::vector<LineId> ids, const HostLines& lines) {
  const std::uint64_t raw_chain = chain_.raw;
  const std::size_t count = count_;
  const std::size_t unkept = count_ - kept_end();
  std::vector<Chain> recent = std::move(recent_);
  // Lines that were never seen cannot be masked anew: they count by their raw text from now on.
  const std::uint64_t unseen_chain = unseen_chain_;
  resume(unseen_, {unseen_chain, unseen_chain});
  for (const LineId id : ids) append(id, lines.hashes(id));
  if (unkept == 0) return;
  count_ = count;
  chain_ = {raw_chain, mix(kept_chain_.masked, raw_chain)};
  for (Chain& chain : recent) chain.masked = mix(kept_chain_.masked, chain.raw);
  recent_ = std::move(recent);
}

void Transcript::keep_only(std::size_t n, const HostLines& lines) {
  if (n >= kept_end() || n < unseen_) return;
  const Chain kept_chain = *chain_at(n, lines);
  Chain chain = kept_chain;
  if (recent_.empty()) recent_.resize(kRecent);
  for (std::size_t i = n; i < kept_end(); ++i) {
    chain = chain.then(lines.hashes(ids_[i - unseen_]));
    if (i + kRecent >= count_) recent_[i % kRecent] = chain;
  }
  ids_.resize(n - unseen_);
  checkpoints_.resize((ids_.size() + kStride - 1) / kStride);
  kept_chain_ = kept_chain;
}

}  // namespace bdsh::consensus
