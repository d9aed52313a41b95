#include "tui/pane_rows.hpp"

#include <algorithm>
#include <utility>

#include "tui/tiles.hpp"

namespace bdsh::tui {

bool shows_terminals(const State& state) {
  return state.view == View::focus || state.view == View::split;
}

namespace {

// Rows that have left the top of the selected host's screen, ever.
std::int64_t rows_gone(const State& state, const Model& model) {
  return model.rows_scrolled ? static_cast<std::int64_t>(model.rows_scrolled(state.selected)) : 0;
}

int rows_kept(const State& state, const Model& model) {
  return model.scrollback_rows ? model.scrollback_rows(state.selected) : 0;
}

Rect selected_tile(const State& state, const Model& model, Rect area) {
  for (const Tile& tile : tile_page(state, model, area).tiles)
    if (tile.host == state.selected)
      return {tile.place.row + 1, tile.place.col + 1, tile.place.height - 2, tile.place.width - 2};
  return area;
}

PaneRows terminal_rows(const State& state, const Model& model, const Layout& layout) {
  PaneRows rows;
  rows.area = state.view == View::split ? selected_tile(state, model, layout.main) : layout.main;
  const std::int64_t gone = rows_gone(state, model);
  rows.first = gone - rows_kept(state, model);
  rows.end = gone + model.host_size.rows.value;
  rows.top = gone - state.scroll_back;
  if (model.screen && host_view(model, state.selected) != nullptr) {
    const ScreenPlace screen = model.screen_place(state.selected);
    const Point from = crop_origin(screen, rows.area);
    rows.end = gone + screen.size.rows.value;
    rows.top += from.row;
    rows.col = from.col;
  }
  return rows;
}

const Scroll& scroll_of(const State& state) {
  switch (state.view) {
    case View::diff: return state.diff;
    case View::variants: return state.variants;
    case View::log: return state.log;
    case View::search: return state.hits;
    case View::files: return state.files.scroll;
    default: return state.consensus;
  }
}
Scroll& scroll_of(State& state) { return const_cast<Scroll&>(scroll_of(std::as_const(state))); }

PaneRows scrolled_rows(const State& state, const Model& model, const Layout& layout) {
  const Scroll& scroll = scroll_of(state);
  PaneRows rows{layout.main, scroll.top, 0, std::max(1, scroll.total), 0};
  // The lists have a row of headings, the consensus a gutter.
  if (state.view == View::variants || state.view == View::search || state.view == View::files) ++rows.area.row, --rows.area.height;
  if (shows_screens(state, model)) rows = {layout.main, 0, 0, layout.main.height, 0};
  else if (state.view == View::consensus && state.consensus_cols > 0) {
    rows.area.col += rows.area.width - state.consensus_cols;
    rows.area.width = state.consensus_cols;
  }
  return rows;
}

void append_row(const Surface& surface, Rect area, int row, int from, int to, std::string& out) {
  std::string line;
  const int last = std::min({to, area.width - 1, surface.cols() - area.col - 1});
  for (int c = std::max(0, from); c <= last; ++c)
    surface.tables().append_utf8(surface.at({area.row + row, area.col + c}).glyph, line);
  line.erase(line.find_last_not_of(' ') + 1);
  out += line;
}

}  // namespace

PaneRows pane_rows(const State& state, const Model& model, const Layout& layout) {
  return shows_terminals(state) ? terminal_rows(state, model, layout)
                                : scrolled_rows(state, model, layout);
}

void scroll_terminal(State& state, const Model& model, int rows) {
  state.scroll_back = std::clamp(state.scroll_back - rows, 0, rows_kept(state, model));
}

void show_pane_row(State& state, const Model& model, const Layout& layout, std::int64_t row) {
  const PaneRows rows = pane_rows(state, model, layout);
  std::int64_t by = 0;
  if (row < rows.top) by = row - rows.top;
  if (row >= rows.top + rows.area.height) by = row - rows.top - rows.area.height + 1;
  if (by == 0) return;
  if (!shows_terminals(state)) return scroll_of(state).move(static_cast<int>(by));
  scroll_terminal(state, model, static_cast<int>(by));
}

std::string pane_text(const Context& context, PanePoint begin, PanePoint end, bool whole_rows) {
  State state = context.state;
  const Layout layout = layout_of(state, context.model, context.screen);
  Surface surface(context.look.tables(), context.screen);
  HostSet shown;
  std::string text;
  for (std::int64_t row = begin.row; row <= end.row;) {
    show_pane_row(state, context.model, layout, row);
    surface.clear();
    Scene scene{context.model, state, context.look, surface, layout, shown, context.leave_key};
    draw_view(scene);
    const PaneRows rows = pane_rows(state, context.model, layout);
    const std::int64_t bottom = std::min(rows.top + rows.area.height - 1, end.row);
    row = std::max(row, rows.top);
    if (bottom < row) break;
    for (; row <= bottom; ++row) {
      const int from = whole_rows || row > begin.row ? 0 : begin.col - rows.col;
      const int to = whole_rows || row < end.row ? rows.area.width : end.col - rows.col;
      append_row(surface, rows.area, static_cast<int>(row - rows.top), from, to, text);
      if (row < end.row) text += '\n';
    }
  }
  return text;
}

void hold_scrolled(State& state, const Model& model) {
  if (!model.rows_scrolled || (state.scroll_back == 0 && !state.copying)) {
    state.held_back = -1;
    return;
  }
  const std::int64_t gone = rows_gone(state, model);
  // Wrapped anew for another width, rows have other numbers: the distance from the end is kept.
  const int cols = model.screen_place ? model.screen_place(state.selected).size.cols.value : 0;
  const bool wrapped = std::exchange(state.held_cols, cols) != cols;
  if (wrapped || state.scroll_back != state.held_back) state.held_top = gone - state.scroll_back;
  const std::int64_t back = gone - state.held_top;
  state.scroll_back = static_cast<int>(std::clamp<std::int64_t>(back, 0, rows_kept(state, model)));
  state.held_back = state.scroll_back;
}

}  // namespace bdsh::tui
