// The split view's tiles: which hosts are on the page, and where. Pinned hosts are on every page;
// the others follow in the order of the list, and the page is the one that holds the selected host.
#pragma once

#include <vector>

#include "tui/state.hpp"

namespace bdsh::tui {

struct Tile {
  HostId host;
  Rect place;  // its frame included
};

struct TilePage {
  std::vector<Tile> tiles;
  std::size_t number = 0;  // from 0
  std::size_t pages = 1;
  Size smallest;           // what every tile has room for inside its frame
};

// The hosts that the split view has tiles for: the marked, or else all; pinned ones first.
std::vector<HostId> tile_hosts(const State& state, const Model& model);
TilePage tile_page(const State& state, const Model& model, Rect area);

// Places of up to `count` tiles that fill the area, in order; fewer when not all find room, which
// one always does. `main_share`: percent of the area that Arrangement::main_rest gives its first.
std::vector<Rect> arranged(Arrangement arrangement, Rect area, int count, int main_share);
std::string_view name_of(Arrangement arrangement);

}  // namespace bdsh::tui
