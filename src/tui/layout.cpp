#include "tui/layout.hpp"

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

constexpr int kShortestList = 15;
constexpr int kLeastMain = 40;     // columns that the pane keeps beside the list
constexpr int kProgress = 23;      // "100 % 12:34 999.9 MiB/s"
constexpr int kBesideName = 10;  // selection, glyph, mark, letter, ≠ and the gaps between them

// Columns that a host's row needs beside the name.
int beside_name(const Model& model, std::size_t index, const HostView& view) {
  if (!view.progress.empty()) return kProgress + 6;
  const HostStatus& status = view.status;
  const HostId host{static_cast<std::uint32_t>(index)};
  const int screen = std::max(0, text_width(screen_note(model, host)) - 1);
  if (!status.ended()) return kBesideName + screen;
  const bool divergent = is_divergent(model, host);
  return std::max(kBesideName, text_width(failure_note(status)) + (divergent ? 8 : 6));
}

int list_width(const State& state, const Model& model, int cols) {
  const auto& hosts = hosts_of(model);
  int width = kShortestList;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const int beside = beside_name(model, i, hosts[i]);
    // A byte is at least a column: the width is counted only where it may matter.
    if (static_cast<int>(hosts[i].name.size()) + beside > width)
      width = std::max(width, text_width(hosts[i].name) + beside);
  }
  const int values = order_values_width(state);
  return std::min(width + values, std::max(kShortestList, cols / 4 + 2) + values);
}

// What was set by hand holds as far as both panes keep room.
int shown_list_width(const State& state, const Model& model, int cols) {
  if (state.list_cols == 0) return list_width(state, model, cols);
  return std::clamp(state.list_cols, kShortestList, std::max(kShortestList, cols - kLeastMain));
}

bool list_shown(const State& state, int cols) {
  switch (state.view) {
    case View::focus: return false;
    case View::split: return cols >= 140;  // below, tiles need the columns more
    default: return true;
  }
}

}  // namespace

bool shows_screens(const State& state, const Model& model) {
  return state.view == View::consensus && model.screens != nullptr && !shows_earlier_round(state);
}

bool screens_alone(const State& state, const Model& model) {
  return shows_screens(state, model) && !state.screen_list;
}

Layout layout_of(const State& state, const Model& model, Size size) {
  const int rows = size.rows.value;
  const int cols = size.cols.value;
  Layout layout;
  layout.frame = {1, 0, rows - 2, cols};
  if (state.view == View::focus || screens_alone(state, model)) {
    layout.main = {2, 0, rows - 3, cols};
    return layout;
  }
  const int width = list_shown(state, cols) ? shown_list_width(state, model, cols) : 0;
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

}  // namespace bdsh::tui
