#include "consensus/transcript.hpp"

#include <algorithm>

namespace bdsh::consensus {

void Transcript::append(LineId id, const LineTable& table) {
  if (ids_.size() % kStride == 0) checkpoints_.push_back(kept_chain_);
  ids_.push_back(id);
  kept_chain_ = kept_chain_.then(hashes_of(table, id));
  chain_ = kept_chain_;
  ++count_;
}

void Transcript::append_unkept(Chain line) {
  if (recent_.empty()) recent_.resize(kRecent);
  chain_ = chain_.then(line);
  recent_[count_ % kRecent] = chain_;
  ++count_;
}

std::optional<Chain> Transcript::chain_at(std::size_t n, const LineTable& table) const {
  if (n == count_) return chain_;
  if (n > count_) return std::nullopt;
  if (n == ids_.size()) return kept_chain_;
  if (n > ids_.size()) {
    if (n + kRecent <= count_) return std::nullopt;
    return recent_[(n - 1) % kRecent];
  }
  Chain chain = checkpoints_[n / kStride];
  for (std::size_t i = n / kStride * kStride; i < n; ++i)
    chain = chain.then(hashes_of(table, ids_[i]));
  return chain;
}

void Transcript::truncate(std::size_t n, const LineTable& table, std::uint64_t salt) {
  if (n >= count_) return;
  const Chain unknown{mix(salt, n), mix(salt, n)};
  chain_ = chain_at(n, table).value_or(unknown);
  count_ = n;
  if (n > ids_.size()) {
    recent_[(n - 1) % kRecent] = chain_;
    return;
  }
  ids_.resize(n);
  checkpoints_.resize((n + kStride - 1) / kStride);
  kept_chain_ = chain_;
  recent_.clear();
}

void Transcript::rebuild(std::vector<LineId> ids, const LineTable& table) {
  const std::uint64_t raw_chain = chain_.raw;
  const std::size_t count = count_;
  const std::size_t unkept = count_ - ids_.size();
  std::vector<Chain> recent = std::move(recent_);
  clear();
  for (const LineId id : ids) append(id, table);
  if (unkept == 0) return;
  count_ = count;
  chain_ = {raw_chain, mix(kept_chain_.masked, raw_chain)};
  for (Chain& chain : recent) chain.masked = mix(kept_chain_.masked, chain.raw);
  recent_ = std::move(recent);
}

}  // namespace bdsh::consensus
