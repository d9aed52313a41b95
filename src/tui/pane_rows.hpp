// The rows of the pane that is shown, numbered by what they hold and not by where they are: row
// numbers stay with their text while a view is scrolled and while a host prints. What copy mode
// selects is in these rows.
#pragma once

#include <cstdint>
#include <string>

#include "tui/overlays.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {

struct PaneRows {
  Rect area;               // on the screen
  std::int64_t top = 0;    // number of the row in area's first
  std::int64_t first = 0;  // the rows there are: [first, end)
  std::int64_t end = 0;
  int col = 0;             // number of the column in area's first
};

struct PanePoint {
  std::int64_t row = 0;
  int col = 0;
  friend auto operator<=>(const PanePoint&, const PanePoint&) = default;
};

bool shows_terminals(const State& state);  // not text
PaneRows pane_rows(const State& state, const Model& model, const Layout& layout);
// Through the selected host's scrollback; up with negative rows.
void scroll_terminal(State& state, const Model& model, int rows);
// Scrolls the view so that the row is in it.
void show_pane_row(State& state, const Model& model, const Layout& layout, std::int64_t row);

// The text of the columns from `begin` to `end` (both included) in reading order, rows separated by
// newlines, without trailing blanks. `whole_rows`: from the first row's beginning to the last one's
// end. Rows that are not on the screen are drawn for it; those no longer kept are left out.
std::string pane_text(const Context& context, PanePoint begin, PanePoint end, bool whole_rows);

// Output that arrives does not move what one scrolled back to; nor, while something is being
// copied, what is shown.
void hold_scrolled(State& state, const Model& model);

}  // namespace bdsh::tui
