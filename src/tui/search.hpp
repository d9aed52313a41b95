// Search in the hosts' output: the entry line, the list of hits, and the host list cut down to the
// hosts that have any. What is found keeps up with the output as long as it is shown.
#pragma once

#include <memory>

#include "tui/overlays.hpp"

namespace bdsh::tui {

std::unique_ptr<Overlay> search_overlay();  // Enter shows the list of hits
const SearchFound& found_of(const State& state, const Model& model);
// The hit that is selected, by its place: others may come before it meanwhile. −1: there is none.
int selected_hit(const State& state, const SearchFound& found);
void select_hit(State& state, const SearchFound& found, int index);

// The host list shows only hosts with hits, or all again.
void toggle_filter(Context& context);

}  // namespace bdsh::tui
