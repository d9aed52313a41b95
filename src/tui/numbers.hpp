// Numbers across hosts: the panel below the consensus for the line and column under its cursor, and
// the list of hosts in the order of that column.
#pragma once

#include <optional>

#include "tui/overlays.hpp"

namespace bdsh::tui {

// Opens the panel on a line with numbers, or closes it.
void toggle_numbers(Context& context);
void close_numbers(State& state);
void move_number_line(Context& context, int rows);
void move_number_column(Context& context, int step);
// The hosts by the column, the largest first; by the same column again: back as they were.
void sort_by_number(Context& context);

// The line of the view that a row of the consensus pane shows; nothing for rows without text.
std::optional<consensus::LinePlace> view_line(const Model& model, const State& state, int row);
int numbers_height(const State& state, int pane_height);  // rows it takes off the pane; 0: closed
void draw_numbers(Scene& scene, Rect area);

}  // namespace bdsh::tui
