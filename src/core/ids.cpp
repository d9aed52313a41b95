#include "core/ids.hpp"

namespace bdsh {

HostSet HostSet::first(std::size_t count) {
  HostSet set;
  for (std::size_t i = 0; i < count; ++i) set.add(HostId{static_cast<std::uint32_t>(i)});
  return set;
}

HostSet& HostSet::add(HostId host) {
  const std::size_t word = host.value / kBits;
  if (word >= words_.size()) words_.resize(word + 1);
  words_[word] |= std::uint64_t{1} << (host.value % kBits);
  return *this;
}

HostSet& HostSet::remove(HostId host) {
  const std::size_t word = host.value / kBits;
  if (word < words_.size()) words_[word] &= ~(std::uint64_t{1} << (host.value % kBits));
  return *this;
}

bool HostSet::empty() const {
  return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
}

std::size_t HostSet::size() const {
  std::size_t count = 0;
  for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

HostSet& HostSet::operator|=(const HostSet& other) {
  if (words_.size() < other.words_.size()) words_.resize(other.words_.size());
  for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
  return *this;
}

HostSet& HostSet::operator&=(const HostSet& other) {
  if (words_.size() > other.words_.size()) words_.resize(other.words_.size());
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  return *this;
}

HostSet& HostSet::operator-=(const HostSet& other) {
  const std::size_t shared = std::min(words_.size(), other.words_.size());
  for (std::size_t i = 0; i < shared; ++i) words_[i] &= ~other.words_[i];
  return *this;
}

bool operator==(const HostSet& a, const HostSet& b) {
  const std::size_t longest = std::max(a.words_.size(), b.words_.size());
  const auto word = [](const HostSet& set, std::size_t i) {
    return i < set.words_.size() ? set.words_[i] : 0;
  };
  for (std::size_t i = 0; i < longest; ++i)
    if (word(a, i) != word(b, i)) return false;
  return true;
}

std::vector<HostId> HostSet::to_vector() const {
  std::vector<HostId> members;
  for_each([&](HostId host) { members.push_back(host); });
  return members;
}

}  // namespace bdsh
