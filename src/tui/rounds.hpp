// Looking back at earlier rounds, in the views that show a round (shows_earlier_round).
#pragma once

#include <string>

#include "tui/overlays.hpp"

namespace bdsh::tui {

// The model as the view is to show it: that of the earlier round where one is shown. The hosts,
// their statuses and terminals stay the live ones. `model` outlives it.
Model model_of_shown_round(const State& state, const Model& model);

// A round that is forgotten is shown no more; typing goes to the live round, and so does the view.
void follow_rounds(State& state, const Model& model);
void go_to_round(Context& context, int step);  // -1: the one before
void show_live_round(State& state);

// "round 3 of 7 · uptime · 2.1 s"; of the live round as much as is known.
std::string round_words(const Scene& scene);
// The pane's first row while an earlier round is shown: that it is not live, how it ended, the way
// back, and whether rounds before it were forgotten.
void draw_round_banner(Scene& scene);

}  // namespace bdsh::tui
