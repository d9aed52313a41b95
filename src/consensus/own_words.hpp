// Names and addresses that mean one host itself, and how they are found in its output.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "consensus/mask_token.hpp"

namespace bdsh::consensus {

// The words that mean one host itself, prepared for scanning. Words that mean many hosts
// (localhost, loopback addresses) and single letters are left out; user@, brackets and ports are
// taken off; a dotted name counts in its short form too.
class OwnWords {
 public:
  OwnWords() = default;
  explicit OwnWords(const std::vector<std::string>& words);
  // Adds the places of the text where an own word stands as a whole, ascending.
  void find(std::string_view text, std::vector<MaskHit>& hits) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  struct Word {
    std::size_t index = 0;  // of words_
    std::size_t size = 0;
    bool address = false;
    bool v6 = false;
    bool digit = false;
  };
  // A word and the place in it of the character that it is looked for by.
  struct Place {
    std::size_t word = 0;
    std::size_t offset = 0;
  };
  struct Anchor {
    char letter = 0;
    std::vector<Place> places;
  };
  Token match(std::string_view text, std::size_t at, Place place) const;
  void add_anchor(char c, Place place);
  static void put_in_order(std::vector<MaskHit>& hits, std::ptrdiff_t from);

  std::vector<std::string> words_;  // lower case, longest first
  std::vector<Word> own_;
  std::vector<Anchor> anchors_;
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

}  // namespace bdsh::consensus
