// The table's lines as one host printed them.
//
// A line in which only the host's own words vary is stored once for all hosts, spelled: each own
// word is a mark with the word's number among the host's names, in place of its text. The same line
// of a thousand hosts is then one entry, and what each of them printed is put together from its
// names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/chain.hpp"
#include "consensus/line_table.hpp"
#include "consensus/mask_token.hpp"

namespace bdsh::consensus {

// A host's names as its spelled lines number them. Names are added and never change their number.
using SpelledNames = std::vector<std::string>;

// Puts the text in spelled form into `out`: `hits` are the places of its own words. False when that
// cannot be: a word stands there in other letters, or the text has control characters.
bool spell(std::string_view text, const std::vector<MaskHit>& hits, const SpelledNames& names,
           std::string& out);

class HostLines {
 public:
  // Both outlive this object, which is meant for a short time.
  HostLines(const LineTable& table, const SpelledNames& names, std::uint64_t seed)
      : table_(table), names_(names), seed_(seed) {}

  // A view of the table, or of `room`.
  std::string_view text(LineId id, std::string& room) const;
  std::string text(LineId id) const;
  bool is(LineId id, std::string_view text) const;
  Chain hashes(LineId id) const;  // of the text and of its masked form

 private:
  const LineTable& table_;
  const SpelledNames& names_;
  std::uint64_t seed_;
};

}  // namespace bdsh::consensus
