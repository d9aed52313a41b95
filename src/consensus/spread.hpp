// Collects the values behind the masked tokens of one line over many hosts.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "consensus/comparison.hpp"
#include "consensus/masks.hpp"

namespace bdsh::consensus {

class SpreadBuilder {
 public:
  explicit SpreadBuilder(const Masks& masks) : masks_(masks) {}
  void add(std::string_view line, const std::vector<MaskHit>& hits);
  std::vector<Spread> result() const;

 private:
  struct Token {
    std::uint16_t mask = 0;
    std::map<std::string, std::size_t, std::less<>> values;  // and how many hosts show each
  };
  const Masks& masks_;
  std::vector<Token> tokens_;
};

}  // namespace bdsh::consensus
