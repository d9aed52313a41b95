// NAVIGATE: single keys act on the program; none of them reaches a host.
#include <set>

#include "core/text.hpp"
#include "tui/diff_choice.hpp"
#include "tui/diff_rows.hpp"
#include "tui/files.hpp"
#include "tui/merged_rows.hpp"
#include "tui/modes.hpp"
#include "tui/numbers.hpp"
#include "tui/replay.hpp"
#include "tui/pane_rows.hpp"
#include "tui/rounds.hpp"
#include "tui/search.hpp"
#include "tui/tiles.hpp"
#include "tui/transfer_entry.hpp"
#include "tui/variant_actions.hpp"

namespace bdsh::tui {
namespace {

constexpr std::string_view kWatching = "watching a run: nothing can be typed";

// ---- moving -----------------------------------------------------------------------------------

std::vector<HostId> listed(const Context& context) {
  return listed_hosts(context.state, context.model);
}

void select(Context& context, HostId host) {
  State& state = context.state;
  if (state.selected != host) state.scroll_back = 0;
  state.selected = host;
  state.list.show(row_of(listed(context), host));
  if (const int variant = variant_of(context.model, host); variant >= 0) state.variant = variant;
}

void select_row(Context& context, int row) {
  const std::vector<HostId> hosts = listed(context);
  if (hosts.empty()) return;
  const int last = static_cast<int>(hosts.size()) - 1;
  select(context, hosts[static_cast<std::size_t>(std::clamp(row, 0, last))]);
}

// In split the arrow keys walk over the tiles' hosts only.
void move_among_tiles(Context& context, int rows) {
  const std::vector<HostId> hosts = tile_hosts(context.state, context.model);
  if (hosts.empty()) return;
  const int last = static_cast<int>(hosts.size()) - 1;
  const int to = std::clamp(row_of(hosts, context.state.selected) + rows, 0, last);
  select(context, hosts[static_cast<std::size_t>(to)]);
}

void move_hosts(Context& context, int rows) {
  if (context.state.view == View::split) return move_among_tiles(context, rows);
  select_row(context, row_of(listed(context), context.state.selected) + rows);
}

void select_variant(Context& context, int index) {
  const std::vector<VariantRow> variants = variant_rows(context.model);
  if (variants.empty()) return;
  context.state.variant = std::clamp(index, 0, static_cast<int>(variants.size()) - 1);
  select(context, variants[static_cast<std::size_t>(context.state.variant)].representative);
}

void move_variant(Context& context, int rows) {
  const int at = variant_of(context.model, context.state.selected);
  select_variant(context, (at >= 0 ? at : context.state.variant) + rows);
}

void move_hit(Context& context, int rows) {
  const SearchFound& found = found_of(context.state, context.model);
  select_hit(context.state, found, selected_hit(context.state, found) + rows);
}

// Single steps move the selected line, pages the window, with the line in it.
void move_in_consensus(State& state, int rows) {
  Scroll& scroll = state.consensus;
  const bool step = rows == 1 || rows == -1;
  if (!selects_line(state) || !step) scroll.move(rows);
  state.line = std::clamp(state.line + rows, 0, std::max(0, scroll.total - 1));
  scroll.follow = false;
  if (selects_line(state) && step) scroll.show(state.line);
}

void move_main(Context& context, int rows) {
  State& state = context.state;
  switch (state.view) {
    case View::consensus:
      if (state.numbers) move_number_line(context, rows);
      else move_in_consensus(state, rows);
      break;
    case View::split: case View::focus: scroll_terminal(state, context.model, rows); break;
    case View::diff: state.diff.move(rows); break;
    case View::variants: move_variant(context, rows); break;
    case View::log: state.log.move(rows); break;
    case View::search: move_hit(context, rows); break;
    case View::files: move_file(context, rows); break;
  }
}

bool on_hosts(const Context& context) {
  const State& state = context.state;
  // The terminals' views have no list to move in: their hosts are walked over.
  return state.pane == Pane::hosts || state.view == View::split || state.view == View::focus ||
         shows_screens(state, context.model);
}

void move(Context& context, int rows) {
  if (on_hosts(context)) move_hosts(context, rows);
  else move_main(context, rows);
}

int main_page(const State& state, const Model& model) {
  switch (state.view) {
    case View::split: return std::max(1, state.tile_inner.rows.value);
    case View::focus: return std::max(1, model.host_size.rows.value);
    case View::diff: return state.diff.page;
    case View::variants: return state.variants.page;
    case View::log: return state.log.page;
    case View::search: return state.hits.page;
    case View::files: return state.files.scroll.page;
    case View::consensus: return state.consensus.page;
  }
  return 1;
}

// Pages go to the pane that has the focus; a host list that shows all its hosts has no pages, and
// passes them on.
void move_page(Context& context, int halves) {
  State& state = context.state;
  const bool list = state.pane == Pane::hosts && state.list.total > state.list.page &&
                    state.view != View::split && state.view != View::focus;
  if (list) return move_hosts(context, halves * std::max(1, state.list.page / 2));
  move_main(context, halves * std::max(1, main_page(state, context.model) / 2));
}

void move_to_end(Context& context, bool last) {
  constexpr int kFar = 1 << 28;
  move(context, last ? kFar : -kFar);
}

// ---- differences ------------------------------------------------------------------------------

// Selects the next host, wrapping around, that `wanted` is true for; false: there is none.
template <typename Wanted>
bool select_next(Context& context, int step, Wanted wanted) {
  const std::vector<HostId> hosts = listed(context);
  const int count = static_cast<int>(hosts.size());
  const int from = row_of(hosts, context.state.selected);
  for (int i = 1; i <= count; ++i) {
    const int row = (from + step * i + count * 2) % count;
    const HostId host = hosts[static_cast<std::size_t>(row)];
    if (!wanted(host)) continue;
    select(context, host);
    return true;
  }
  return false;
}

void next_divergent(Context& context, int step) {
  if (context.state.view == View::search) return move_hit(context, step);
  if (on_files(context.state)) return next_differing_file(context, step);
  const auto divergent = [&](HostId host) { return is_divergent(context.model, host); };
  if (!select_next(context, step, divergent)) context.state.notice = "no host is divergent";
}

void next_waiting(Context& context) {
  const auto waits = [&](HostId host) {
    const HostView* view = host_view(context.model, host);
    return view != nullptr && view->status.state == HostState::waiting;
  };
  if (!select_next(context, 1, waits)) context.state.notice = "no host waits for input";
}

void show_difference(Context& context) {
  State& state = context.state;
  if (!context.model.merged || state.difference < 0) return;
  const MergedRows rows(*context.model.merged(), state, wrap_cols(state));
  if (state.difference >= rows.differences()) return;
  const int row = rows.head_of(state.difference);
  state.consensus.follow = false;
  state.consensus.total = rows.total();
  state.consensus.top = std::clamp(row - state.consensus.page / 3, 0, state.consensus.last_top());
  state.line = row;
}

// ---- hunks of the diff --------------------------------------------------------------------------

const consensus::Diff* shown_diff(const Context& context) {
  const DiffSides sides = diff_sides(context.state, context.model);
  if (!sides.problem.empty() || !context.model.diff) return nullptr;
  const consensus::Diff& diff = context.model.diff(sides.left, sides.right);
  return diff.hunks.empty() ? nullptr : &diff;
}

void show_hunk(State& state, const consensus::Diff& diff) {
  const DiffRows rows(diff, state, !state.diff_beside);
  state.diff.total = rows.total();
  const int row = rows.head_of(state.diff_hunk);
  state.diff.top = std::clamp(row - state.diff.page / 3, 0, state.diff.last_top());
}

void next_hunk(Context& context, int step) {
  State& state = context.state;
  const consensus::Diff* diff = shown_diff(context);
  if (diff == nullptr) {
    state.notice = "no difference";
    return;
  }
  const int count = static_cast<int>(diff->hunks.size());
  const int from = state.diff_hunk < 0 && step < 0 ? 0 : state.diff_hunk;
  state.diff_hunk = (from + step + count) % count;
  show_hunk(state, *diff);
}

// The equal lines before and behind the current hunk.
void unfold_around_hunk(Context& context, bool unfold) {
  State& state = context.state;
  if (state.diff_hunk < 0) next_hunk(context, 1);
  const consensus::Diff* diff = shown_diff(context);
  if (diff == nullptr) return;
  for (const int gap : {state.diff_hunk, state.diff_hunk + 1}) {
    if (unfold == state.diff_unfold) state.diff_exceptions.erase(gap);
    else state.diff_exceptions.insert(gap);
  }
  show_hunk(state, *diff);
}

void next_difference(Context& context, int step) {
  State& state = context.state;
  if (state.view == View::diff) return next_hunk(context, step);
  state.view = View::consensus;
  if (state.differences == 0) {
    state.notice = "no difference";
    return;
  }
  const int from = state.difference < 0 && step < 0 ? 0 : state.difference;
  state.difference = (from + step + state.differences) % state.differences;
  show_difference(context);
}

void set_unfolded(Context& context, bool unfolded) {
  State& state = context.state;
  if (state.view == View::diff) return unfold_around_hunk(context, unfolded);
  if (state.numbers && state.view == View::consensus)
    return move_number_column(context, unfolded ? 1 : -1);
  if (state.difference < 0) next_difference(context, 1);
  if (state.difference < 0) return;
  if (unfolded == state.unfold) state.exceptions.erase(state.difference);
  else state.exceptions.insert(state.difference);
}

void unfold_all(State& state, bool unfold) {
  if (state.view == View::diff) {
    state.diff_unfold = unfold;
    state.diff_exceptions.clear();
    return;
  }
  state.unfold = unfold;
  state.exceptions.clear();
}

// ---- views ------------------------------------------------------------------------------------

void enter_focus(State& state) {
  if (state.view != View::focus) state.before_focus = state.view;
  state.view = View::focus;
}

void zoom(State& state) {
  if (state.view == View::focus) state.view = state.before_focus;
  else enter_focus(state);
}

void show_view(State& state, View view) {
  const bool list = view == View::variants || view == View::search;
  state.view = view;
  state.scroll_back = 0;
  state.pane = list ? Pane::main : Pane::hosts;
}

// Again in split: the next arrangement of its tiles.
void show_split(State& state) {
  if (state.view == View::split) {
    constexpr int kArrangements = 4;
    state.arrangement =
        static_cast<Arrangement>((static_cast<int>(state.arrangement) + 1) % kArrangements);
    state.notice = name_of(state.arrangement);
  }
  show_view(state, View::split);
}

void pin(State& state) {
  state.pinned.toggle(state.selected);
  state.notice = state.pinned.contains(state.selected) ? "pinned: on every page of split" : "unpinned";
}

// The host list; in split the main tile.
void widen(State& state, int step) {
  if (state.view == View::split && state.arrangement == Arrangement::main_rest) {
    state.main_share = std::clamp(state.main_share + 5 * step, 20, 90);
    return;
  }
  state.list_cols = std::max(1, (state.list_cols > 0 ? state.list_cols : state.list_cols_shown) + 2 * step);
}

void go_back(State& state) {
  if (shows_earlier_round(state)) return show_live_round(state);
  if (state.view == View::focus) state.view = state.before_focus;
  else if (state.view == View::search) show_view(state, state.before_search);
  else if (state.view == View::files) show_view(state, state.before_files);
  else if (state.view != View::consensus) show_view(state, View::consensus);
  else if (state.numbers) close_numbers(state);
  else if (state.only_matching) state.only_matching = false;
  else if (state.pane == Pane::main) state.pane = Pane::hosts;
  else state.difference = -1;
  state.scroll_back = 0;
}

void follow(State& state) {
  state.scroll_back = 0;
  if (shows_earlier_round(state)) {
    show_live_round(state);
    state.consensus.follow = true;
    return;
  }
  Scroll& scroll = state.view == View::log ? state.log : state.consensus;
  scroll.follow = !scroll.follow;
  state.notice = scroll.follow ? "following the tail" : "not following";
  if (state.view == View::focus || state.view == View::split) state.notice = "following";
}

void toggle_tile_size(Context& context) {
  State& state = context.state;
  if (state.view != View::split) {
    state.notice = "= gives hosts the tile's size: in split (s)";
    return;
  }
  state.tiles_sized = !state.tiles_sized;
  if (state.tiles_sized)
    context.out.push_back(ResizeHosts{state.tile_inner, state.tile_hosts});
  else
    context.out.push_back(ResizeHosts{std::nullopt, all_hosts(context.model)});
}

// Names, then what they stand for in the selected line, then the values themselves. An earlier round
// is kept as it was masked then.
void cycle_masks(Context& context) {
  State& state = context.state;
  if (!context.model.masks) {
    context.out.push_back(SetMasks{true});
    return;
  }
  state.spread = !state.spread;
  if (state.spread) {
    state.view = View::consensus;
    state.pane = Pane::main;
  } else if (!shows_earlier_round(state)) {
    context.out.push_back(SetMasks{false});
  }
}

// ---- typing -----------------------------------------------------------------------------------

bool may_type(Context& context) {
  if (context.model.watching) context.state.notice = kWatching;
  return !context.model.watching;
}

// INPUT to those of the hosts that are live; the rest is said.
void start_input(State& state, const Model& model, Target target) {
  target.hosts &= live_hosts(model);
  if (target.hosts.empty()) {
    state.notice = "no live host to type to";
    return;
  }
  state.input = true;
  state.scroll_back = 0;
  state.target = std::move(target);
  state.last_target = state.target;
}

void type_to_selected(Context& context) {
  State& state = context.state;
  if (!may_type(context)) return;
  const HostView* host = host_view(context.model, state.selected);
  if (host == nullptr) return;
  if (!host->status.live()) {
    state.notice = host->name + " is not live: nothing can be typed";
    return;
  }
  start_input(state, context.model, {HostSet::of(state.selected), "", false});
}

void focus_and_type(Context& context) {
  if (listed(context).empty()) return;
  if (context.model.compared) return show_view(context.state, View::diff);
  enter_focus(context.state);
  type_to_selected(context);
}

std::size_t confirm_count(const Model& model, const HostSet& hosts) {
  std::size_t count = 0;
  hosts.for_each([&](HostId host) { count += host_view(model, host)->confirm ? 1U : 0U; });
  return count;
}

std::string confirm_groups(const Model& model, const HostSet& hosts) {
  std::set<std::string> groups;
  hosts.for_each([&](HostId host) {
    if (const HostView* view = host_view(model, host); view->confirm && !view->group.empty())
      groups.insert(view->group);
  });
  std::string text;
  for (const std::string& group : groups) text += (text.empty() ? "" : ", ") + sanitised(group);
  return text;
}

std::unique_ptr<Overlay> start_broadcast(Context& context, Target target) {
  target.hosts &= live_hosts(context.model);
  const std::size_t asking = confirm_count(context.model, target.hosts);
  if (target.hosts.size() < 2 || asking == 0) {
    start_input(context.state, context.model, std::move(target));
    return nullptr;
  }
  const std::string groups = confirm_groups(context.model, target.hosts);
  Question question{
      "type to " + who(context.model, target) + "?",
      {"Every key will go to " + plural(target.hosts.size(), "host") + ":",
       cut_to_width(fold_hosts(context.model, target.hosts), 90), "",
       plural(asking, "host") + (groups.empty() ? "" : " of " + groups) + " set to confirm first."},
      "types to them", true};
  return question_overlay(std::move(question), [target](Context& later) {
    start_input(later.state, later.model, target);
  });
}

std::unique_ptr<Overlay> broadcast(Context& context) {
  if (!may_type(context)) return nullptr;
  return start_broadcast(context, {live_hosts(context.model), "", true});
}

std::unique_ptr<Overlay> type_to_marked(Context& context) {
  if (!may_type(context)) return nullptr;
  const Choice choice = chosen_hosts(context);
  if (choice.hosts.size() > 1 || !choice.variant.empty())
    return start_broadcast(context, {choice.hosts, choice.variant, choice.hosts.size() > 1});
  if (!context.state.marked.empty()) return start_broadcast(context, {choice.hosts, "", false});
  type_to_selected(context);
  return nullptr;
}

// The leave key in NAVIGATE: it goes itself to whom one typed last, and one types on.
void send_leave_key(Context& context, const Key& key) {
  State& state = context.state;
  if (!may_type(context)) return;
  if (state.last_target.hosts.empty()) {
    state.notice = "no last target to return to";
    return;
  }
  start_input(state, context.model, state.last_target);
  if (state.input)
    context.out.push_back(SendKey{state.target.hosts, key, state.target.broadcast});
}

// ---- acting -----------------------------------------------------------------------------------

void mark_variant(Context& context) {
  State& state = context.state;
  const HostSet hosts = selected_variant(context).hosts;
  if (hosts.empty()) {
    state.notice = "the selected host has no variant yet";
    return;
  }
  const bool all_marked = (hosts - state.marked).empty();
  if (all_marked) state.marked -= hosts;
  else state.marked |= hosts;
}

void mark(Context& context) {
  if (on_files(context.state)) return mark_file(context);
  if (on_variant_list(context.state)) {
    mark_variant(context);
    return move_variant(context, 1);
  }
  if (!listed(context).empty()) context.state.marked.toggle(context.state.selected);
  if (context.state.view != View::focus) move_hosts(context, 1);
}

void reconnect(Context& context) {
  State& state = context.state;
  if (!may_type(context) || listed(context).empty()) return;
  const HostSet hosts = state.marked.empty() ? HostSet::of(state.selected) : state.marked;
  HostSet ended;
  hosts.for_each([&](HostId host) {
    if (host_view(context.model, host)->status.ended()) ended.add(host);
  });
  const std::string names = who(context.model, {ended.empty() ? hosts : ended, "", false});
  if (ended.empty()) {
    state.notice = names + (hosts.size() == 1 ? " is connected" : " are connected");
    return;
  }
  state.notice = "reconnecting " + names;
  context.out.push_back(Reconnect{std::move(ended)});
}

void change_parallel(Context& context, bool more) {
  constexpr int kMost = 100'000;
  const int now = context.model.parallel;
  if (now == 0) return;
  const int wanted = std::clamp(more ? now * 2 : now / 2, 1, kMost);
  context.out.push_back(SetParallel{wanted});
  context.state.notice = "connecting to at most " + plural(static_cast<std::size_t>(wanted), "host") + " at a time";
}

HostSet failed_hosts(const Model& model) {
  HostSet failed;
  const auto& hosts = hosts_of(model);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const HostState state = hosts[i].status.state;
    if (state == HostState::failed || state == HostState::disconnected)
      failed.add(HostId{static_cast<std::uint32_t>(i)});
  }
  return failed - excluded_of(model);
}

void rerun(Context& context) {
  State& state = context.state;
  if (!may_type(context)) return;
  if (context.model.command.empty()) {
    state.notice = "these are shells: there is no command to run again";
    return;
  }
  HostSet hosts = on_variant_list(state) ? selected_variant(context).hosts : state.marked;
  if (hosts.empty()) hosts = failed_hosts(context.model);
  if (hosts.empty()) hosts = all_hosts(context.model);
  state.notice = "running again on " + plural(hosts.size(), "host");
  context.out.push_back(Rerun{std::move(hosts)});
}

// Whom one marked, else whom one typed to last, else in a command run all, in shells the selected.
HostSet interrupt_targets(const Context& context) {
  const HostSet live = live_hosts(context.model);
  const State& state = context.state;
  for (const HostSet& hosts : {state.marked & live, state.last_target.hosts & live})
    if (!hosts.empty()) return hosts;
  return context.model.command.empty() ? HostSet::of(state.selected) & live : live;
}

void interrupt(Context& context) {
  if (!may_type(context)) return;
  HostSet hosts = interrupt_targets(context);
  if (hosts.empty()) {
    context.state.notice = "no live host to interrupt";
    return;
  }
  context.state.notice = "Ctrl-C to " + who(context.model, {hosts, "", false});
  context.out.push_back(Interrupt{std::move(hosts)});
}

void toggle_mouse(Context& context) {
  State& state = context.state;
  state.mouse = !state.mouse;
  state.notice = state.mouse ? "the mouse is the program's" : "the mouse is your terminal's; M takes it back";
  context.out.push_back(SetMouse{state.mouse});
}

std::unique_ptr<Overlay> quit(Context& context) {
  const std::size_t live = live_hosts(context.model).size();
  if (live == 0 || context.model.watching) {
    context.out.push_back(Quit{});
    return nullptr;
  }
  const bool keep = context.model.keep;
  Question question{"quit?",
                    {plural(live, "host") + (live == 1 ? " is" : " are") + " still live.",
                     keep ? "The logs are kept." : "The logs are deleted (L keeps them)."},
                    "quits",
                    false};
  return question_overlay(std::move(question),
                          [](Context& later) { later.out.push_back(Quit{}); });
}

std::unique_ptr<Overlay> answer(Context& context) {
  context.state.set_aside.clear();
  auto prompt = prompt_overlay(context.model, {});
  if (!prompt) context.state.notice = "no host asks anything";
  return prompt;
}

// ---- the table --------------------------------------------------------------------------------

// Actions that open a dialog, or may.
std::unique_ptr<Overlay> perform_with_dialog(Action action, Context& context) {
  switch (action) {
    case Action::broadcast: return broadcast(context);
    case Action::type_to_marked: return type_to_marked(context);
    case Action::save_hosts: return save_hosts(context);
    case Action::upload: return transfer_overlay(context, true);
    case Action::download: return transfer_overlay(context, false);
    case Action::search: return search_overlay();
    case Action::copy_mode: return copy_overlay(context);
    case Action::help: return help_overlay();
    case Action::palette: return palette_overlay(context.model.replay.has_value());
    case Action::compare: return diff_chooser_overlay();
    case Action::mask_list: return mask_list_overlay();
    case Action::answer: return answer(context);
    case Action::quit: return quit(context);
    default: return nullptr;
  }
}

bool perform_move(Action action, Context& context) {
  switch (action) {
    case Action::down: move(context, 1); return true;
    case Action::up: move(context, -1); return true;
    case Action::first: move_to_end(context, false); return true;
    case Action::last: move_to_end(context, true); return true;
    case Action::page_down: move_page(context, 2); return true;
    case Action::page_up: move_page(context, -2); return true;
    case Action::half_down: move_page(context, 1); return true;
    case Action::half_up: move_page(context, -1); return true;
    case Action::next_divergent: next_divergent(context, 1); return true;
    case Action::previous_divergent: next_divergent(context, -1); return true;
    case Action::next_waiting: next_waiting(context); return true;
    case Action::next_difference: next_difference(context, 1); return true;
    case Action::previous_difference: next_difference(context, -1); return true;
    case Action::earlier_round: go_to_round(context, -1); return true;
    case Action::later_round: go_to_round(context, 1); return true;
    case Action::expand: set_unfolded(context, true); return true;
    case Action::collapse: set_unfolded(context, false); return true;
    case Action::expand_all: unfold_all(context.state, true); return true;
    case Action::collapse_all: unfold_all(context.state, false); return true;
    default: return false;
  }
}

bool perform_view(Action action, Context& context) {
  State& state = context.state;
  switch (action) {
    case Action::other_pane:
      state.pane = state.pane == Pane::hosts ? Pane::main : Pane::hosts;
      return true;
    case Action::zoom: zoom(state); return true;
    case Action::view_consensus: show_view(state, View::consensus); return true;
    case Action::view_split: show_split(state); return true;
    case Action::pin: pin(state); return true;
    case Action::narrower: widen(state, -1); return true;
    case Action::wider: widen(state, 1); return true;
    case Action::view_diff:
      if (state.view == View::diff) state.side_by_side = !state.side_by_side;
      else state.diff_choice = usual_diff(state, context.model);
      show_view(state, View::diff);
      return true;
    case Action::view_variants: show_view(state, View::variants); return true;
    case Action::view_log: show_view(state, View::log); return true;
    case Action::back: go_back(state); return true;
    case Action::follow: follow(state); return true;
    case Action::wrap: state.wrap = !state.wrap; return true;
    case Action::unmark_all: on_files(state) ? state.files.marked.clear() : state.marked.clear(); return true;
    default: return false;
  }
}

void perform_command(Action action, Context& context) {
  switch (action) {
    case Action::focus_and_type: focus_and_type(context); break;
    case Action::type_to_selected: type_to_selected(context); break;
    case Action::mark: mark(context); break;
    case Action::mark_variant: mark_variant(context); break;
    case Action::numbers: toggle_numbers(context); break;
    case Action::sort_hosts: sort_by_number(context); break;
    case Action::reference: choose_reference(context); break;
    case Action::exclude: exclude_hosts(context); break;
    case Action::include: include_hosts(context); break;
    case Action::tile_size: toggle_tile_size(context); break;
    case Action::filter: toggle_filter(context); break;
    case Action::masks: cycle_masks(context); break;
    case Action::reconnect: reconnect(context); break;
    case Action::rerun: rerun(context); break;
    case Action::parallel_more: change_parallel(context, true); break;
    case Action::parallel_less: change_parallel(context, false); break;
    case Action::interrupt: interrupt(context); break;
    case Action::keep: context.out.push_back(SetKeep{!context.model.keep}); break;
    case Action::mouse: toggle_mouse(context); break;
    case Action::detach: context.out.push_back(Detach{}); break;
    case Action::suspend: context.out.push_back(Suspend{}); break;
    case Action::redraw: context.out.push_back(Redraw{}); break;
    case Action::stop_transfer: context.out.push_back(StopTransfer{}); break;
    default: break;
  }
}

// ---- the mouse --------------------------------------------------------------------------------

void wheel(Context& context, Point at, const Layout& layout, int rows) {
  if (layout.list.contains(at)) context.state.list.move(rows);
  else move_main(context, rows);
}

void click_tile(Context& context, Point at, const Layout& layout) {
  for (const Tile& tile : tile_page(context.state, context.model, layout.main).tiles)
    if (tile.place.contains(at)) return select(context, tile.host);
}

void click_difference(Context& context, int row) {
  State& state = context.state;
  if (!context.model.merged || shows_screens(state, context.model)) return;
  const MergedRows rows(*context.model.merged(), state, wrap_cols(state));
  const auto window = rows.window(state.consensus.top + row, 1);
  if (window.empty() || window.front().difference < 0) return;
  state.difference = window.front().difference;
  if (window.front().head) set_unfolded(context, !rows.unfolded(state.difference));
}

void click_main(Context& context, Point at, const Layout& layout) {
  State& state = context.state;
  if (state.view == View::split || state.view == View::focus) return;
  state.pane = Pane::main;
  const int row = at.row - layout.main.row;
  if (state.view == View::variants) select_variant(context, state.variants.top + row - 1);
  if (state.view == View::search) select_hit(state, found_of(state, context.model), state.hits.top + row - 1);
  if (state.view == View::files) select_file(context, state.files.scroll.top + row - 1);
  if (state.view == View::consensus) click_difference(context, row);
}

void click_list(Context& context, Point at, const Layout& layout) {
  State& state = context.state;
  state.pane = Pane::hosts;
  const int row = state.list.top + at.row - layout.list.row;
  const std::vector<HostId> hosts = listed(context);
  if (row >= static_cast<int>(hosts.size())) return;
  // A second click on the same host looks into it.
  if (hosts[static_cast<std::size_t>(row)] == state.selected) enter_focus(state);
  else select_row(context, row);
}

bool on_divider(Point at, const Layout& layout) {
  return layout.list.width > 0 && at.col == layout.list.col + layout.list.width &&
         at.row >= layout.frame.row;
}

// What is clicked in the pane acts on release: until then it may become a drag.
void press(Context& context, Point at, const Layout& layout) {
  State& state = context.state;
  state.dividing = on_divider(at, layout);
  if (layout.main.contains(at)) state.pressed = at;
  if (state.input || state.dividing) return;
  if (layout.list.contains(at)) click_list(context, at, layout);
  else if (state.view == View::split) click_tile(context, at, layout);
}

std::unique_ptr<Overlay> drag(Context& context, Point at) {
  State& state = context.state;
  if (state.dividing) state.list_cols = std::max(1, at.col - 1);
  const auto pressed = state.pressed;
  if (!pressed || *pressed == at) return nullptr;
  state.pressed.reset();
  return copy_overlay(context, *pressed, at);
}

void release(Context& context, Point at, const Layout& layout) {
  State& state = context.state;
  state.dividing = false;
  if (std::exchange(state.pressed, std::nullopt) == at && !state.input) click_main(context, at, layout);
}

}  // namespace

std::unique_ptr<Overlay> handle_mouse(const Key& key, Context& context) {
  const Layout layout = layout_of(context.state, context.model, context.screen);
  const MouseEvent& mouse = key.mouse;
  switch (mouse.kind) {
    case MouseEvent::Kind::wheel_up: wheel(context, mouse.at, layout, -3); break;
    case MouseEvent::Kind::wheel_down: wheel(context, mouse.at, layout, 3); break;
    case MouseEvent::Kind::press:
      if (mouse.button == 1) press(context, mouse.at, layout);
      break;
    case MouseEvent::Kind::move: return drag(context, mouse.at);
    case MouseEvent::Kind::release: release(context, mouse.at, layout); break;
  }
  return nullptr;
}

std::unique_ptr<Overlay> perform(Action action, const Key& key, Context& context) {
  if (action == Action::leave) {
    send_leave_key(context, key);
    return nullptr;
  }
  if (action == Action::other_pane && shows_screens(context.state, context.model)) {
    context.state.screen_list = !context.state.screen_list;
    return nullptr;
  }
  std::unique_ptr<Overlay> dialog_of_view;
  if (perform_replay(action, context, dialog_of_view) || perform_files(action, context, dialog_of_view))
    return dialog_of_view;
  if (perform_move(action, context) || perform_view(action, context)) return nullptr;
  if (auto dialog = perform_with_dialog(action, context)) return dialog;
  perform_command(action, context);
  return nullptr;
}

std::unique_ptr<Overlay> handle_navigate(const Key& key, Context& context) {
  std::optional<Action> action;
  if (on_files(context.state)) action = find_action(Mode::files, key, context.leave_key);
  if (context.model.replay && !action) action = find_action(Mode::replay, key, context.leave_key);
  if (!action) action = find_action(Mode::navigate, key, context.leave_key);
  return action ? perform(*action, key, context) : nullptr;
}

}  // namespace bdsh::tui
