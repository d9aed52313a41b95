#include "consensus/line_pattern.hpp"

#include <re2/re2.h>

#include "core/text.hpp"

namespace bdsh::consensus {

struct LinePattern::Compiled {
  explicit Compiled(const std::string& pattern) : regex(pattern, RE2::Quiet) {}
  RE2 regex;
};

Result<LinePattern> LinePattern::compile(const std::string& pattern) {
  auto compiled = std::make_shared<Compiled>(pattern);
  if (!compiled->regex.ok())
    return Error{ErrorKind::usage, "'" + sanitised(pattern, 200) + "': " + sanitised(compiled->regex.error(), 200)};
  return LinePattern(std::move(compiled));
}

bool LinePattern::found_in(std::string_view line) const {
  return RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), compiled_->regex);
}

}  // namespace bdsh::consensus
