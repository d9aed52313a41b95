// The grammar of host expressions: text in, terms out. What terms mean is host_expression.cpp's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"

namespace bdsh::config {

constexpr std::size_t kMaxHostName = 255;  // RFC 1035 §2.3.4

// The numbers of a "[01-20/2]": padded with zeros to `width`.
struct NumberRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t step = 1;
  std::size_t width = 1;
  std::uint64_t count() const { return (last - first) / step + 1; }
};

// A part of a name: a text, the numbers of a set, or one of several patterns ("{a,b[1-2]}").
struct NamePiece {
  std::string text;
  std::vector<NumberRange> numbers;
  std::vector<std::vector<NamePiece>> choices;
};
using NamePattern = std::vector<NamePiece>;

struct HostTerm {
  char op = ',';           // ',' '!' '&' '^'; '-' for pdsh's "-HOST": left out of the whole list
  std::size_t column = 0;  // of its first character, from 0
  bool group = false;      // "@NAME": `name` is a group's
  bool wildcard = false;   // `name` holds '*' or '?'
  std::string user;
  NamePattern name;
  std::optional<std::uint16_t> port;
  std::string regex;  // "/REGEX/": nothing else is set
  std::string file;   // "^/FILE": the same
};

// How many names a pattern stands for; saturates.
std::uint64_t count_of(const NamePattern& pattern);
// All of them; the last set varies fastest. To be counted first.
std::vector<std::string> names_of(const NamePattern& pattern);

// One expression cut into terms. The text outlives the object.
class HostTerms {
 public:
  explicit HostTerms(std::string_view text) : text_(text) {}
  Result<std::vector<HostTerm>> parse() const;
  // An error in the text at `offset`: "host expression 'web[1-': column 7: …"; ErrorKind::config.
  Error fail(std::size_t offset, const std::string& what) const;

 private:
  std::string_view text_;
};

}  // namespace bdsh::config
