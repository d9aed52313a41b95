#include "tui/tiles.hpp"

#include <algorithm>

namespace bdsh::tui {
namespace {

constexpr int kMinCols = 34;  // of a tile, with its frame
constexpr int kMinRows = 7;

int ceil_div(int a, int b) { return (a + b - 1) / b; }

// The `index`th of `count` equal parts of an area, side by side or one above the other. The
// remainder is spread, so that the parts fill the area.
Rect column_of(Rect area, int index, int count) {
  const int left = area.col + area.width * index / count;
  const int right = area.col + area.width * (index + 1) / count;
  return {area.row, left, area.height, right - left};
}

Rect row_of(Rect area, int index, int count) {
  const int top = area.row + area.height * index / count;
  const int bottom = area.row + area.height * (index + 1) / count;
  return {top, area.col, bottom - top, area.width};
}

std::vector<Rect> grid(Rect area, int rows, int cols, int count) {
  std::vector<Rect> places;
  for (int i = 0; i < std::min(count, rows * cols); ++i)
    places.push_back(column_of(row_of(area, i / cols, rows), i % cols, cols));
  return places;
}

// Most hosts first, then fewest empty tiles, then the largest smallest side (a row of a terminal is
// about twice as high as a column is wide).
std::vector<Rect> tiled(Rect area, int count) {
  const int most_cols = std::max(1, area.width / kMinCols);
  const int most_rows = std::max(1, area.height / kMinRows);
  int best_rows = 1;
  int best_cols = 1;
  int best_score = -1;
  for (int cols = 1; cols <= most_cols; ++cols) {
    const int rows = std::clamp(ceil_div(count, cols), 1, most_rows);
    const int shown = std::min(count, rows * cols);
    const int empty = rows * cols - shown;
    const int side = std::min(area.width / cols, 2 * area.height / rows);
    const int score = shown * 100'000 - empty * 1'000 + side;
    if (score > best_score) best_rows = rows, best_cols = cols, best_score = score;
  }
  return grid(area, best_rows, best_cols, count);
}

std::vector<Rect> in_rows(Rect area, int count) {
  return grid(area, std::clamp(count, 1, std::max(1, area.height / kMinRows)), 1, count);
}

std::vector<Rect> in_columns(Rect area, int count) {
  return grid(area, 1, std::clamp(count, 1, std::max(1, area.width / kMinCols)), count);
}

// The main tile on the left and the rest in a column beside it; where that is too narrow, the main
// one above.
std::vector<Rect> main_and_rest(Rect area, int count, int share) {
  if (count < 2) return {area};
  const bool beside = area.width >= 2 * kMinCols;
  if (!beside && area.height < 2 * kMinRows) return {area};
  const int least = beside ? kMinCols : kMinRows;
  const int whole = beside ? area.width : area.height;
  const int part = std::clamp(whole * share / 100, least, whole - least);
  Rect main = area;
  Rect rest = area;
  if (beside) {
    main.width = part;
    rest.col += part, rest.width -= part;
  } else {
    main.height = part;
    rest.row += part, rest.height -= part;
  }
  std::vector<Rect> places = beside ? in_rows(rest, count - 1) : in_columns(rest, count - 1);
  places.insert(places.begin(), main);
  return places;
}

// The host of the main tile: the first pinned one, or else the selected one.
std::vector<HostId> with_main_first(const State& state, std::vector<HostId> hosts) {
  if (state.arrangement != Arrangement::main_rest || !state.pinned.empty()) return hosts;
  const auto selected = std::find(hosts.begin(), hosts.end(), state.selected);
  if (selected != hosts.end()) std::rotate(hosts.begin(), selected, selected + 1);
  return hosts;
}

// Tiles that stay on every page; one at least is left for the others to pass through.
std::size_t fixed_tiles(const State& state, const Model& model, std::size_t room) {
  const std::size_t pinned = (state.pinned & all_hosts(model)).size();
  const std::size_t main = state.arrangement == Arrangement::main_rest ? 1 : 0;
  return std::min(std::max(pinned, main), room - 1);
}

Size smallest_inside(const std::vector<Tile>& tiles) {
  Size size = {Rows{tiles.front().place.height}, Cols{tiles.front().place.width}};
  for (const Tile& tile : tiles) {
    size.rows.value = std::min(size.rows.value, tile.place.height);
    size.cols.value = std::min(size.cols.value, tile.place.width);
  }
  return {Rows{size.rows.value - 2}, Cols{size.cols.value - 2}};
}

}  // namespace

std::vector<Rect> arranged(Arrangement arrangement, Rect area, int count, int main_share) {
  switch (arrangement) {
    case Arrangement::tiles: return tiled(area, count);
    case Arrangement::rows: return in_rows(area, count);
    case Arrangement::columns: return in_columns(area, count);
    case Arrangement::main_rest: return main_and_rest(area, count, main_share);
  }
  return {area};
}

std::string_view name_of(Arrangement arrangement) {
  switch (arrangement) {
    case Arrangement::tiles: return "tiles";
    case Arrangement::rows: return "rows";
    case Arrangement::columns: return "columns";
    case Arrangement::main_rest: return "main and rest";
  }
  return "";
}

std::vector<HostId> tile_hosts(const State& state, const Model& model) {
  const HostSet hosts = state.marked.empty() ? all_hosts(model) : state.marked;
  std::vector<HostId> order = (state.pinned & all_hosts(model)).to_vector();
  for (const HostId host : (hosts - state.pinned).to_vector()) order.push_back(host);
  return order;
}

TilePage tile_page(const State& state, const Model& model, Rect area) {
  const std::vector<HostId> listed = tile_hosts(state, model);
  const std::vector<HostId> hosts = with_main_first(state, listed);
  TilePage page;
  if (hosts.empty()) return page;
  const std::vector<Rect> places =
      arranged(state.arrangement, area, static_cast<int>(hosts.size()), state.main_share);
  const std::size_t fixed = fixed_tiles(state, model, places.size());
  const std::size_t moving = places.size() - fixed;
  page.pages = (hosts.size() - fixed + moving - 1) / moving;
  // By its place in the list, so that beside the selected host's main tile are its neighbours.
  const auto at = static_cast<std::size_t>(row_of(listed, state.selected));
  page.number = std::min((at < fixed ? 0 : at - fixed) / moving, page.pages - 1);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::size_t host = i < fixed ? i : i + page.number * moving;
    if (host < hosts.size()) page.tiles.push_back({hosts[host], places[i]});
  }
  page.smallest = smallest_inside(page.tiles);
  return page;
}

}  // namespace bdsh::tui
