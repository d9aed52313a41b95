// The one table of keys: what is pressed, what it does, how help says it. Key handling, the help
// overlay, the palette, docs/keys.md and the man page come from it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/key.hpp"

namespace bdsh::tui {

enum class Mode : std::uint8_t {
  navigate, input, question, host_keys, entry, copy, choice, replay, files,
};

enum class Action : std::uint8_t {
  // moving
  down, up, first, last, page_down, page_up, half_down, half_up, other_pane,
  next_divergent, previous_divergent, next_waiting, next_difference, previous_difference,
  earlier_round, later_round,
  expand, collapse, expand_all, collapse_all,
  // typing
  focus_and_type, type_to_selected, zoom, broadcast, type_to_marked, leave, back,
  // marks
  mark, unmark_all, mark_variant,
  // variants and sets of hosts
  reference, exclude, include, save_hosts,
  // files
  upload, download, stop_transfer, files,
  enter_directory, parent_directory, path_of_files, filter_files, sort_files, refresh_files,
  get_files, put_files, leave_files,
  // views
  view_consensus, view_split, view_diff, compare, view_variants, view_log, tile_size, pin, narrower,
  wider, search, help, palette, follow, wrap, masks, mask_list, copy_mode, mouse, filter,
  numbers, sort_hosts,
  // acting
  answer, reconnect, rerun, parallel_more, parallel_less, interrupt, keep, detach, suspend, redraw, quit,
  // questions
  yes, no, accept_all, accept_marked, refuse_all, set_aside, submit,
  // a run that is played again
  play, faster, slower, leap_back, leap_on, round_before, round_after, to_moment, to_difference,
  // copy mode
  left, right, line_begin, line_end, select_rows, other_end, copy, copy_to_command, copy_to_file,
};

struct Binding {
  Mode mode;
  std::string_view keys;  // names separated by spaces: "j Down"
  Action action;
  std::string_view name;  // what the palette calls it: "next-divergent"
  std::string_view help;
  std::string_view section;
};

std::span<const Binding> bindings();
// What the key does in the mode; the leave key is passed in, since it is configurable (its entry
// in the table is named "Leave").
std::optional<Action> find_action(Mode mode, const Key& key, const Key& leave_key);
const Binding& binding_of(Action action);

// "Ctrl-]", "PgUp", "F5", "j", "Space", "Alt-x" → a Key. Errors: config.
Result<Key> parse_key(std::string_view name);
std::string key_name(const Key& key);
bool same_key(const Key& a, const Key& b);  // code, character and modifiers; not the bytes
// A binding's keys as people read them: "j ↓".
std::string keys_shown(const Binding& binding, const Key& leave_key, bool utf8);

std::string_view mode_name(Mode mode);
std::string keys_as_markdown();  // docs/keys.md, whole
std::string keys_as_mdoc();      // the man page's section of keys

}  // namespace bdsh::tui
