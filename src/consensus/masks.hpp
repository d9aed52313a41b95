// What varies by nature and so does not make hosts differ: each such part of a line is replaced by
// the name of its mask before lines are compared. What a mask hides is a value, never the fact that
// it is there. docs/consensus.md says what each built-in mask matches and what it leaves alone.
//
// Built-in masks are hand-written scanners of one pass (mask_scanners.cpp); users' masks are RE2
// patterns, which run in linear time whatever the pattern.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/error.hpp"

namespace bdsh::consensus {

// The built-in masks, in the order of builtin_masks().
enum class Mask : std::uint8_t {
  host,
  address,
  time,
  duration,
  pid,
  port,
  tmp,
  uuid,
  hash,
  percent,
  spinner,
  mac,
  load,
};
constexpr std::size_t kBuiltinMasks = 13;

// The names of the built-in masks: "host", "address", "time", …
const std::vector<std::string>& builtin_masks();

// `masks: [{name, pattern}]` of the configuration. With a group in the pattern, the first group is
// what is masked; else the whole match.
struct UserMask {
  std::string name;     // shown as ‹name›; [a-z0-9_-]+
  std::string pattern;  // RE2 syntax
};

// A masked stretch of a line; hits are ascending and disjoint.
struct MaskHit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::uint16_t mask = 0;  // < kBuiltinMasks: a Mask; else kBuiltinMasks + index of the user's mask
};

// What a scanner found: text[begin, end), and nothing when end is 0.
struct Token {
  std::size_t begin = 0;
  std::size_t end = 0;
  Mask mask = Mask::host;
  explicit operator bool() const { return end != 0; }
};

// The words that mean one host itself, prepared for scanning. Words that mean many hosts
// (localhost, loopback addresses) and single letters are left out; user@, brackets and ports are
// taken off; a dotted name counts in its short form too.
class OwnWords {
 public:
  OwnWords() = default;
  explicit OwnWords(const std::vector<std::string>& words);
  // The length of the own word that starts at `at` and stands there as a whole, or 0; sets `mask`.
  std::size_t match(std::string_view text, std::size_t at, Mask& mask) const;
  bool may_start_with(char c) const { return starts_[static_cast<unsigned char>(c)]; }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;  // lower case, longest first
  bool starts_[256] = {};
};

// The words of all hosts together: tells which lines cannot be any host's own.
class FleetWords {
 public:
  void add(const OwnWords& own);
  // False only if no host's own word occurs in the text.
  bool may_occur_in(std::string_view text) const;

 private:
  static constexpr std::uint64_t length_bit(std::size_t length) { return 1ULL << (length & 63U); }
  std::unordered_set<std::uint64_t> heads_;  // of the words' beginnings, hashed
  std::uint64_t lengths_[256] = {};          // of those beginnings, by first character, as bits
  bool any_ = false;  // a word whose beginning says nothing: every text may hold it
};

class Masks {
 public:
  Masks();
  ~Masks();
  Masks(Masks&&) noexcept;
  Masks& operator=(Masks&&) noexcept;

  // An invalid name or pattern is an error that says which and why.
  Status add(const UserMask& mask);
  // Switches the mask off or on; false when there is none of this name.
  bool set_enabled(std::string_view name, bool enabled);
  std::string_view name(std::uint16_t mask) const;
  std::vector<std::string> names() const;

  // Replaces `hits`.
  void find(std::string_view text, const OwnWords& own, std::vector<MaskHit>& hits) const;
  // The form that is compared: each hit as its mask's name between two control bytes, the blanks
  // beside it as one, since a value's width moves the padding of a column. Replaces `out`.
  void masked_form(std::string_view text, const std::vector<MaskHit>& hits, std::string& out) const;
  // Whether an unfinished line may grow into one with this masked form. Its last word may be the
  // beginning of a value, which no mask knows yet.
  bool may_become(std::string_view open, const OwnWords& own, std::string_view form) const;

 private:
  struct User;
  void find_builtin(std::string_view text, const OwnWords& own, std::vector<MaskHit>& hits) const;
  Token token_at(std::string_view text, std::size_t at, const OwnWords& own, bool own_here,
                 bool token_here) const;
  void find_users(std::string_view text, std::vector<MaskHit>& hits) const;
  static void replace_overlapping(std::vector<MaskHit>& hits, const MaskHit& hit);

  bool enabled_[kBuiltinMasks];
  std::vector<std::unique_ptr<User>> users_;
};

}  // namespace bdsh::consensus
