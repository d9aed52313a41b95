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
#include <vector>

#include "consensus/mask_token.hpp"
#include "consensus/own_words.hpp"
#include "core/error.hpp"

namespace bdsh::consensus {

// The names of the built-in masks: "host", "address", "time", …
const std::vector<std::string>& builtin_masks();

// `masks: [{name, pattern}]` of the configuration. With a group in the pattern, the first group is
// what is masked; else the whole match.
struct UserMask {
  std::string name;     // shown as ‹name›; [a-z0-9_-]+
  std::string pattern;  // RE2 syntax
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
  bool enabled(std::string_view name) const;  // false too when there is none
  std::string_view name(std::uint16_t mask) const;
  std::vector<std::string> names() const;

  // The places of the host's own words; false when there are none.
  bool find_own(std::string_view text, const OwnWords& own, std::vector<MaskHit>& hits) const;
  // The text with a mark in place of each of them. Own words are found first, and the built-in
  // masks see only their marks: so without users' masks, lines with equal marked texts have equal
  // masked forms.
  void mark_own(std::string_view text, const std::vector<MaskHit>& own_hits,
                std::string& marked) const;
  bool any_user_masks() const { return !users_.empty(); }

  // What find() finds, from find_own()'s and mark_own()'s results.
  void find_marked(std::string_view marked, const std::vector<MaskHit>& own_hits,
                   std::vector<MaskHit>& hits) const;

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
  void append_mark(std::uint16_t mask, std::string& out) const;
  void unmark(const std::vector<MaskHit>& own_hits, std::vector<MaskHit>& hits) const;
  void find_builtin(std::string_view text, std::vector<MaskHit>& hits) const;
  void find_users(std::string_view text, std::vector<MaskHit>& hits) const;
  static void replace_overlapping(std::vector<MaskHit>& hits, const MaskHit& hit);

  bool enabled_[kBuiltinMasks];
  std::vector<std::unique_ptr<User>> users_;
};

}  // namespace bdsh::consensus
