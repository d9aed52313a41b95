// A run that is played again: its keys, and where it stands as words.
#pragma once

#include <memory>
#include <string>

#include "tui/keymap.hpp"
#include "tui/overlays.hpp"

namespace bdsh::tui {

// Whether the action is one of replay's; then it is done, or asks for the moment with a dialog.
bool perform_replay(Action action, Context& context, std::unique_ptr<Overlay>& dialog);

std::string moment_text(std::chrono::microseconds at);  // "0:12.3", "1:02:03.4"
// "▶ 0:12.3/1:40.0 ×2": playing or not, where, of how long, how fast; or what one waits for.
std::string replay_text(const ReplayView& replay, bool utf8);

}  // namespace bdsh::tui
