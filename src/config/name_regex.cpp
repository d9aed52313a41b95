#include "config/name_regex.hpp"

#include <re2/re2.h>

#include "core/text.hpp"

namespace bdsh::config {
namespace {

re2::RE2::Options options() {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(1 << 20);
  return options;
}

Error refused(const std::string& what) {
  return {ErrorKind::config, "this is no regular expression: " + what};
}

}  // namespace

struct NameRegex::Compiled {
  explicit Compiled(const std::string& pattern) : regex(pattern, options()) {}
  re2::RE2 regex;
};

Result<NameRegex> NameRegex::compile(const std::string& pattern) {
  constexpr std::size_t kLongest = 256;
  if (pattern.size() > kLongest) return refused("longer than 256 characters");
  auto compiled = std::make_shared<Compiled>(pattern);
  if (!compiled->regex.ok()) return refused(sanitised(compiled->regex.error(), 200));
  return NameRegex(std::move(compiled));
}

bool NameRegex::matches(const std::string& name) const {
  return re2::RE2::PartialMatch(name, compiled_->regex);
}

}  // namespace bdsh::config
