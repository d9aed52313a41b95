// What the dashboard itself remembers between keys: selection, marks, view, scrolling, targets.
// The run is in the Model.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/geometry.hpp"
#include "core/ids.hpp"
#include "tui/model.hpp"

namespace bdsh::tui {

enum class View : std::uint8_t { consensus, split, focus, diff, variants, log, search, files };
// How the split view lays its tiles out.
enum class Arrangement : std::uint8_t { tiles, rows, columns, main_rest };
enum class Pane : std::uint8_t { hosts, main };

// A window of `page` rows on `total` rows.
struct Scroll {
  int top = 0;
  bool follow = false;
  int page = 1;
  int total = 0;

  int last_top() const { return std::max(0, total - page); }
  void fit(int rows_total, int rows_page) {
    total = rows_total;
    page = std::max(1, rows_page);
    top = follow ? last_top() : std::clamp(top, 0, last_top());
  }
  void move(int rows) {
    top = std::clamp(top + rows, 0, last_top());
    follow = false;
  }
  void show(int row) {  // brings the row into the window
    top = std::clamp(top, std::max(0, row - page + 1), std::max(0, row));
  }
};

// Who gets what is typed. Hosts only ever leave it.
struct Target {
  HostSet hosts;
  std::string variant;  // the letter, when it is a whole variant
  bool broadcast = false;
};

// What the diff view compares.
struct DiffChoice {
  enum class With : std::uint8_t {
    reference,     // the selected host with the reference
    marked,        // the two marked hosts, or the marked host with the selected one
    variant,       // the selected host's variant with another one
    round_before,  // the selected host with itself in the round before
    references,    // the reference with that of the round before
  };
  With with = With::reference;
  std::size_t variant = 0;
};

// The directory that is looked at, beside what the model has of it.
struct FilePane {
  enum class Order : std::uint8_t { name, size, time, difference };
  std::string path;  // as ListFiles has it
  HostSet hosts;     // that were asked
  Order order = Order::name;
  std::string filter;
  std::string selected;          // by its name …
  int row = 0;                   // … and where it stood, for when it is gone
  std::set<std::string> marked;  // names
  Scroll scroll;
};

struct State {
  View view = View::consensus;
  View before_focus = View::consensus;
  View before_search = View::consensus;
  View before_files = View::consensus;
  FilePane files;
  Pane pane = Pane::hosts;
  HostId selected;
  HostSet marked;
  std::vector<HostSet> left_out;  // what was excluded, step by step: the last is undone first

  bool input = false;
  bool input_lost = false;  // it ended by itself: what is still being typed is for nobody
  Target target;       // while `input`
  Target last_target;  // what the leave key returns to

  Scroll list;
  Scroll consensus{0, true};
  Scroll diff;
  Scroll variants;
  Scroll log{0, true};
  Scroll hits;
  bool screen_list = false;  // the list stands beside the screens of full-screen programs
  int scroll_back = 0;  // of the selected host's terminal, in rows above the live screen
  int held_back = -1;        // as hold_scrolled() left it; -1: nothing is held
  int held_cols = 0;         // of the terminal
  std::int64_t held_top = 0; // the row of the terminal that is held at the top
  bool copying = false;      // a selection is being made
  bool mouse = true;         // the program has it
  std::optional<Point> pressed;  // where the button went down in the pane, while it is held
  bool dividing = false;     // the edge between list and pane is being dragged

  bool unfold = true;           // differences are shown expanded …
  std::set<int> exceptions;     // … except these, by number
  int difference = -1;          // the current one, by number; -1: none
  int differences = 0;          // as last drawn
  int line = 0;                 // the selected row of the consensus
  bool spread = false;          // what its masked parts stand for is shown
  int consensus_cols = 0;       // of its text, as last drawn
  int round = 0;                // that the above belongs to
  int shown_round = 0;          // an earlier one that is looked at; 0: the live one
  Scroll live_scroll;           // of the consensus of the live round, meanwhile
  bool wrap = false;
  bool numbers = false;          // the panel of numbers is open, on …
  int number_row = 0;            // … this row of the consensus
  std::size_t number_column = 0;  // and the column of this word
  std::vector<HostId> order;      // of the hosts listed first; empty: none
  std::map<HostId, std::string> order_values;
  std::pair<int, std::size_t> ordered_by;
  bool side_by_side = true;
  DiffChoice diff_choice;
  bool diff_unfold = false;         // equal lines of the diff are shown …
  std::set<int> diff_exceptions;    // … except (or only) in these gaps between hunks
  bool diff_beside = true;          // side by side, as last drawn
  int diff_hunk = -1;               // the current one; -1: none
  consensus::TextRef diff_left;     // that the above belongs to
  consensus::TextRef diff_right;
  int variant = 0;              // the row selected in the list of variants
  std::pair<HostId, std::uint64_t> hit;  // and in the list of hits: the line of that host
  Arrangement arrangement = Arrangement::tiles;
  int main_share = 60;          // percent of the split view that its main tile takes
  HostSet pinned;               // have a tile on every page
  int list_cols = 0;            // of the host list, as set by hand; 0: as its names need
  int list_cols_shown = 0;      // as last drawn
  bool tiles_sized = false;     // `=` gave hosts the tile's size
  Size tile_inner;
  HostSet tile_hosts;           // as last drawn

  SearchAsk sought;
  bool only_matching = false;  // the host list has only hosts with hits

  std::string notice;
  HostSet set_aside;  // hosts whose question was put off
  bool one_by_one = false;  // questions that many hosts share are answered for each host alone
};

// Views that show a round: an earlier one when the user went back to it.
bool is_of_a_round(View view);
bool shows_earlier_round(const State& state);
bool selects_line(const State& state);  // the consensus has a line that is selected

// The model's parts, with empty ones for what is not there.
const std::vector<HostView>& hosts_of(const Model& model);
const consensus::Outcome& outcome_of(const Model& model);

const HostSet& excluded_of(const Model& model);

HostSet all_hosts(const Model& model);   // but for the excluded ones
HostSet live_hosts(const Model& model);  // of these, that can be typed to
// The hosts as the list shows them, from top to bottom.
std::vector<HostId> listed_hosts(const State& state, const Model& model);
int order_values_width(const State& state);  // columns for what the list is sorted by; 0: nothing
int row_of(const std::vector<HostId>& listed, HostId host);  // 0 when it is not listed
bool is_live(const Model& model, HostId host);
const HostView* host_view(const Model& model, HostId host);  // null: no such host
int variant_of(const Model& model, HostId host);             // -1: none

// Full-screen programs: the letter of the host's screen, and the cells that differ in it: "B 34".
std::string screen_note(const Model& model, HostId host);
// A line of the list of variants.
struct VariantRow {
  std::string letter;
  HostSet hosts;
  HostId representative;
  bool reference = false;
  std::optional<ExitResult> exit;
  std::string differs;  // "reference", "2 lines", "tie"; of screens "majority", "34 cells"
};
std::vector<VariantRow> variant_rows(const Model& model);
// The keys that act on variants act on the one in this list's selected row.
bool on_variant_list(const State& state);
// Why it is not in order, as the list shows it: "refused", "3", "KILL"; empty: nothing of the kind.
std::string failure_note(const HostStatus& status);
bool is_divergent(const Model& model, HostId host);
std::string fold_hosts(const Model& model, const HostSet& hosts);
std::string who(const Model& model, const Target& target);  // "12 hosts", "2 hosts (variant B)", "web03"

}  // namespace bdsh::tui
