// A regular expression that lines are looked through with: RE2, linear time whatever the pattern.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace bdsh::consensus {

class LinePattern {
 public:
  static Result<LinePattern> compile(const std::string& pattern);  // the error says what is wrong
  bool found_in(std::string_view line) const;

 private:
  struct Compiled;
  explicit LinePattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace bdsh::consensus
