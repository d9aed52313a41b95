#include "tui/layout.hpp"

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

constexpr int kMinTileCols = 34;  // with its frame
constexpr int kMinTileRows = 7;
constexpr int kShortestList = 15;
constexpr int kBesideName = 10;  // selection, glyph, mark, letter, ≠ and the gaps between them

// Columns that a host's row needs beside the name.
int beside_name(const Model& model, std::size_t index, const HostStatus& status) {
  if (!status.ended()) return kBesideName;
  const bool divergent = is_divergent(model, HostId{static_cast<std::uint32_t>(index)});
  return std::max(kBesideName, text_width(failure_note(status)) + (divergent ? 8 : 6));
}

int list_width(const Model& model, int cols) {
  const auto& hosts = hosts_of(model);
  int width = kShortestList;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const int beside = beside_name(model, i, hosts[i].status);
    // A byte is at least a column: the width is counted only where it may matter.
    if (static_cast<int>(hosts[i].name.size()) + beside > width)
      width = std::max(width, text_width(hosts[i].name) + beside);
  }
  return std::min(width, std::max(kShortestList, cols / 4 + 2));
}

bool list_shown(const State& state, int cols) {
  switch (state.view) {
    case View::focus: return false;
    case View::split: return cols >= 140;  // below, tiles need the columns more
    default: return true;
  }
}

int ceil_div(int a, int b) { return (a + b - 1) / b; }

}  // namespace

bool shows_screens(const State& state, const Model& model) {
  return state.view == View::consensus && model.screens != nullptr && !shows_earlier_round(state);
}

Layout layout_of(const State& state, const Model& model, Size size) {
  const int rows = size.rows.value;
  const int cols = size.cols.value;
  Layout layout;
  layout.frame = {1, 0, rows - 2, cols};
  if (state.view == View::focus || shows_screens(state, model)) {
    layout.main = {2, 0, rows - 3, cols};
    return layout;
  }
  const int width = list_shown(state, cols) ? list_width(model, cols) : 0;
  if (width > 0) layout.list = {2, 1, rows - 4, width};
  const int left = width > 0 ? width + 2 : 1;
  layout.main = {2, left, rows - 4, cols - left - 1};
  if (state.view == View::split) {
    // Tiles bring their own frames.
    const int from = width > 0 ? width + 2 : 0;
    layout.main = {1, from, rows - 2, cols - from};
  }
  if (shows_earlier_round(state)) ++layout.main.row, --layout.main.height;  // the banner's
  return layout;
}

Size uniform_host_size(Size terminal) {
  return {Rows{std::max(2, terminal.rows.value - 3)}, Cols{std::max(2, terminal.cols.value)}};
}

Grid grid_of(Rect area, int count) {
  const int most_cols = std::max(1, area.width / kMinTileCols);
  const int most_rows = std::max(1, area.height / kMinTileRows);
  Grid best;
  int best_score = -1;
  for (int cols = 1; cols <= most_cols; ++cols) {
    const int rows = std::clamp(ceil_div(count, cols), 1, most_rows);
    // Most hosts first, then fewest empty tiles, then the largest smallest side (a row of a
    // terminal is about twice as high as a column is wide).
    const int shown = std::min(count, rows * cols);
    const int empty = rows * cols - shown;
    const int side = std::min(area.width / cols, 2 * area.height / rows);
    const int score = shown * 100'000 - empty * 1'000 + side;
    if (score > best_score) best = {rows, cols}, best_score = score;
  }
  return best;
}

Rect tile_rect(Rect area, Grid grid, int index) {
  const int row = index / grid.cols;
  const int col = index % grid.cols;
  const int top = area.row + area.height * row / grid.rows;
  const int bottom = area.row + area.height * (row + 1) / grid.rows;
  const int left = area.col + area.width * col / grid.cols;
  const int right = area.col + area.width * (col + 1) / grid.cols;
  return {top, left, bottom - top, right - left};
}

}  // namespace bdsh::tui
