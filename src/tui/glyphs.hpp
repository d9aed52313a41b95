// The signs on the screen, each with its ASCII twin for terminals without UTF-8.
#pragma once

#include <string_view>

#include "core/host_status.hpp"

namespace bdsh::tui {

struct Glyphs {
  bool utf8;
  // by HostState
  std::string_view queued, connecting, running, waiting, done, failed, disconnected;
  std::string_view differs, selected, marked, folded, unfolded, more, arrow, missing, bell, held, pinned;
  std::string_view separator, bullet, bar_full, bar_empty, scroll_thumb;
  // frames
  std::string_view horizontal, vertical, top_left, top_right, bottom_left, bottom_right;
  std::string_view tee_down, tee_up;

  std::string_view state(HostState state) const;
};

const Glyphs& utf8_glyphs();
const Glyphs& ascii_glyphs();

}  // namespace bdsh::tui
