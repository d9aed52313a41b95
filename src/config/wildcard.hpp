// Patterns of '*' and '?', as in ssh_config's Host lines and in -x.
#pragma once

#include <string_view>

namespace bdsh::config {

// Linear memory, O(text × stars) at worst. No bracket classes, no escapes (ssh_config(5)).
bool wildcard_match(std::string_view pattern, std::string_view text);
inline bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != text.npos;
}

}  // namespace bdsh::config
