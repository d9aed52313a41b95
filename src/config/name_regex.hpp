// Regular expressions that choose hosts by their names, as pdsh's -w has them.
#pragma once

#include <memory>
#include <string>

#include "core/error.hpp"

namespace bdsh::config {

// RE2 syntax, found anywhere in a name. Linear in time and bounded in memory: back-references, and
// counts that would need too much, are refused.
class NameRegex {
 public:
  static Result<NameRegex> compile(const std::string& pattern);  // the error says what is wrong
  bool matches(const std::string& name) const;

 private:
  struct Compiled;
  explicit NameRegex(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace bdsh::config
