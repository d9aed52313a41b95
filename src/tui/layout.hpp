// Where things are on the screen.
//
//   row 0            the top line
//   row 1            the frame's upper edge with the titles
//   rows 2 … R-3     host list | pane
//   row R-2          the frame's lower edge
//   focus, full-screen programs: a rule in row 1, and the host's screen in rows 2 … R-2, uncropped
//   row R-1          the bottom line
#pragma once

#include "tui/state.hpp"

namespace bdsh::tui {

constexpr Size kSmallest{Rows{12}, Cols{60}};

struct Layout {
  Rect list;  // inside the frame; width 0: not shown
  Rect main;  // inside the frame
  Rect frame;
};

// The consensus is that of full-screen programs.
bool shows_screens(const State& state, const Model& model);
bool screens_alone(const State& state, const Model& model);  // without the list beside it
Layout layout_of(const State& state, const Model& model, Size size);
// The hosts' uniform size for a user's terminal: what the focus view can show whole.
Size uniform_host_size(Size terminal);

}  // namespace bdsh::tui
