#include "config/name_regex.hpp"

#include <regex.h>

#include <array>

namespace bdsh::config {

struct NameRegex::Compiled {
  regex_t regex{};
  bool usable = false;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (usable) regfree(&regex);
  }
};

namespace {

Error refused(const std::string& what) {
  return {ErrorKind::config, "this is no regular expression: " + what};
}

}  // namespace

Result<NameRegex> NameRegex::compile(const std::string& pattern) {
  constexpr std::size_t kLongest = 256;
  if (pattern.size() > kLongest) return refused("longer than 256 characters");
  if (pattern.find('{') != std::string::npos) return refused("counts are not possible");
  for (std::size_t at = pattern.find('\\'); at < pattern.size(); at = pattern.find('\\', at + 2))
    if (at + 1 < pattern.size() && pattern[at + 1] >= '0' && pattern[at + 1] <= '9')
      return refused("back-references are not possible");
  auto compiled = std::make_shared<Compiled>();
  const int failed = regcomp(&compiled->regex, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (failed != 0) {
    std::array<char, 128> text{};
    regerror(failed, &compiled->regex, text.data(), text.size());
    return refused(text.data());
  }
  compiled->usable = true;
  return NameRegex(std::move(compiled));
}

bool NameRegex::matches(const std::string& name) const {
  return regexec(&compiled_->regex, name.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace bdsh::config
