// Identity of hosts inside one run. HostId and HostSet are the only way two layers speak of hosts.
#pragma once

#include <algorithm>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace bdsh {

// Index of a host in the run's host table: dense, 0 … N-1, never reused within a run.
struct HostId {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(HostId, HostId) = default;
};

// A set of HostIds, as a bit set that grows on insert. Iteration is in ascending id order.
class HostSet {
 public:
  HostSet() = default;
  static HostSet of(HostId host) { return HostSet().add(host); }
  static HostSet first(std::size_t count);  // {0 … count-1}

  HostSet& add(HostId host);
  HostSet& remove(HostId host);
  HostSet& toggle(HostId host) { return contains(host) ? remove(host) : add(host); }
  void clear() { words_.clear(); }

  bool contains(HostId host) const {
    const std::size_t word = host.value / kBits;
    return word < words_.size() && (words_[word] >> (host.value % kBits) & 1U) != 0;
  }
  bool empty() const;
  std::size_t size() const;

  HostSet& operator|=(const HostSet& other);
  HostSet& operator&=(const HostSet& other);
  HostSet& operator-=(const HostSet& other);
  friend HostSet operator|(HostSet a, const HostSet& b) { return a |= b; }
  friend HostSet operator&(HostSet a, const HostSet& b) { return a &= b; }
  friend HostSet operator-(HostSet a, const HostSet& b) { return a -= b; }
  friend bool operator==(const HostSet& a, const HostSet& b);

  // Calls visit(HostId) for each member, ascending.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t word = 0; word < words_.size(); ++word)
      for (std::uint64_t rest = words_[word]; rest != 0; rest &= rest - 1)
        visit(HostId{static_cast<std::uint32_t>(word * kBits +
                                                static_cast<std::size_t>(std::countr_zero(rest)))});
  }
  std::vector<HostId> to_vector() const;

 private:
  static constexpr std::size_t kBits = 64;
  std::vector<std::uint64_t> words_;
};

}  // namespace bdsh

template <>
struct std::hash<bdsh::HostId> {
  std::size_t operator()(bdsh::HostId host) const noexcept { return host.value; }
};
