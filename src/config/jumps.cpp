#include "config/jumps.hpp"

#include <algorithm>

#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

Result<Target> parse_jump(std::string_view text) {
  const Error bad{ErrorKind::config, "'" + sanitised(text, 256) + "' is no jump host"};
  auto hosts = expand_hosts(text);
  if (!hosts || hosts->size() != 1 || text.find('@') == 0) return bad;
  return std::move(hosts->front());
}

}  // namespace

Result<std::vector<Target>> parse_jumps(std::string_view text) {
  std::vector<Target> jumps;
  if (lower(text) == "none") return jumps;
  while (true) {
    const std::size_t comma = std::min(text.size(), text.find(','));
    auto jump = parse_jump(text.substr(0, comma));
    if (!jump) return jump.error();
    jumps.push_back(std::move(*jump));
    if (comma == text.size()) return jumps;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace bdsh::config
