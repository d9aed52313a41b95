#include "tui/keymap.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <vector>

#include "core/cell.hpp"
#include "core/text.hpp"

namespace bdsh::tui {
namespace {

using A = Action;
constexpr Mode kNav = Mode::navigate;

constexpr std::array kTable{
    Binding{kNav, "j Down", A::down, "down", "down, in the pane that has the focus", "Move"},
    Binding{kNav, "k Up", A::up, "up", "up", "Move"},
    Binding{kNav, "g Home", A::first, "first", "to the beginning", "Move"},
    Binding{kNav, "G End", A::last, "last", "to the end", "Move"},
    Binding{kNav, "PgDn", A::page_down, "page-down", "a page down", "Move"},
    Binding{kNav, "PgUp", A::page_up, "page-up", "a page up, into the scrollback", "Move"},
    Binding{kNav, "Ctrl-d", A::half_down, "half-page-down", "half a page down", "Move"},
    Binding{kNav, "Ctrl-u", A::half_up, "half-page-up", "half a page up", "Move"},
    Binding{kNav, "Tab", A::other_pane, "other-pane", "between host list and pane; beside screens: the list",
            "Move"},
    Binding{kNav, "W", A::next_waiting, "next-waiting", "next host that waits for input", "Move"},
    Binding{kNav, "n", A::next_divergent, "next-divergent", "next divergent host", "Differences"},
    Binding{kNav, "N", A::previous_divergent, "previous-divergent", "previous divergent host",
            "Differences"},
    Binding{kNav, "]", A::next_difference, "next-difference", "next difference; in the diff the next hunk", "Differences"},
    Binding{kNav, "[", A::previous_difference, "previous-difference", "previous difference, or hunk",
            "Differences"},
    Binding{kNav, "l Right", A::expand, "expand", "expand a difference; in the diff the equal lines around a hunk", "Differences"},
    Binding{kNav, "h Left", A::collapse, "collapse", "collapse a difference", "Differences"},
    Binding{kNav, "E", A::expand_all, "expand-all", "expand all differences; in the diff all equal lines", "Differences"},
    Binding{kNav, "C", A::collapse_all, "collapse-all", "collapse all differences", "Differences"},
    Binding{kNav, "(", A::earlier_round, "earlier-round", "the round before: what was typed, who agreed",
            "Differences"},
    Binding{kNav, ")", A::later_round, "later-round", "the round after, up to the live one",
            "Differences"},
    Binding{kNav, "u", A::masks, "masks", "masked parts: names, spread of the selected line, raw values",
            "Differences"},
    Binding{kNav, "H", A::mask_list, "mask-list", "masks by name: what is hidden, on or off",
            "Differences"},

    Binding{kNav, "Enter", A::focus_and_type, "focus",
            "focus the selected host and type to it; in the list of variants its first host",
            "Type"},
    Binding{kNav, "i", A::type_to_selected, "type", "type to the selected host, view unchanged",
            "Type"},
    Binding{kNav, "b", A::broadcast, "broadcast", "type to all live hosts", "Type"},
    Binding{kNav, "B", A::type_to_marked, "type-to-marked",
            "type to the marked hosts, or to the selected host's variant", "Type"},
    Binding{kNav, "Leave", A::leave, "leave", "send this key itself to the last target, type on",
            "Type"},
    Binding{kNav, "z", A::zoom, "zoom", "focus view of the selected host and back, no typing",
            "Type"},
    Binding{kNav, "x", A::interrupt, "interrupt", "Ctrl-C to the target's programs", "Type"},
    Binding{kNav, "a", A::answer, "answer", "answer what hosts ask: host keys, passwords, codes",
            "Type"},

    Binding{kNav, "Space", A::mark, "mark", "mark or unmark the selected host", "Hosts"},
    Binding{kNav, "m", A::mark_variant, "mark-variant", "mark the selected host's whole variant",
            "Hosts"},
    Binding{kNav, "U", A::unmark_all, "unmark-all", "unmark all hosts", "Hosts"},
    Binding{kNav, "p", A::reference, "reference",
            "make the selected host's variant the reference; again: the vote's", "Hosts"},
    Binding{kNav, "-", A::exclude, "exclude",
            "leave out the marked hosts or the selected one; in the list of variants the variant",
            "Hosts"},
    Binding{kNav, "+", A::include, "include", "take back in what was left out last", "Hosts"},
    Binding{kNav, "S", A::save_hosts, "save-hosts",
            "save the marked hosts, or the selected variant's, to a file for -H @FILE", "Hosts"},
    Binding{kNav, "r", A::reconnect, "reconnect", "reconnect the marked hosts, or the selected one",
            "Hosts"},
    Binding{kNav, "R", A::rerun, "rerun", "run the command again: marked, else failed, else all",
            "Hosts"},

    Binding{kNav, "}", A::parallel_more, "parallel-more", "connect to twice as many hosts at a time",
            "Hosts"},
    Binding{kNav, "{", A::parallel_less, "parallel-less", "connect to half as many at a time", "Hosts"},

    Binding{kNav, "Alt-f", A::files, "files",
            "look at a directory of the selected host, beside that of the marked hosts or of all",
            "Files"},
    Binding{kNav, "Alt-u", A::upload, "upload", "copy files to the marked hosts, or to all", "Files"},
    Binding{kNav, "Alt-d", A::download, "download",
            "copy files of the marked hosts, or of all, into a directory for each", "Files"},
    Binding{kNav, "Alt-x", A::stop_transfer, "stop-transfer", "give up the upload or download",
            "Files"},

    Binding{kNav, "c", A::view_consensus, "consensus", "what most hosts show, and where they differ",
            "Views"},
    Binding{kNav, "s", A::view_split, "split",
            "tiles: the marked hosts, or all; again: rows, columns, main and rest", "Views"},
    Binding{kNav, "P", A::pin, "pin", "pin the selected host: a tile on every page", "Views"},
    Binding{kNav, "d", A::view_diff, "diff",
            "marked hosts, or the selected one and the reference; again: unified", "Views"},
    Binding{kNav, "t", A::compare, "compare", "choose what to compare: hosts, variants, rounds",
            "Views"},
    Binding{kNav, "v", A::view_variants, "variants", "who shows what: letter, size, hosts", "Views"},
    Binding{kNav, "e", A::view_log, "log", "what happened, newest last", "Views"},
    Binding{kNav, "/", A::search, "search", "search the output of all hosts", "Views"},
    Binding{kNav, "F", A::filter, "filter", "list only the hosts that match the search, or all",
            "Views"},
    Binding{kNav, "#", A::numbers, "numbers",
            "numbers across hosts: a line's columns with spread and outliers; h l choose one", "Views"},
    Binding{kNav, "o", A::sort_hosts, "sort-hosts", "hosts in the order of the column, and back",
            "Views"},
    Binding{kNav, "f", A::follow, "follow", "follow the tail; from an earlier round to the live one", "Views"},
    Binding{kNav, "w", A::wrap, "wrap", "wrap long lines", "Views"},
    Binding{kNav, "=", A::tile_size, "tile-size", "give hosts the tile's size, and back", "Views"},
    Binding{kNav, "<", A::narrower, "narrower", "narrower host list; in split: main tile", "Views"},
    Binding{kNav, ">", A::wider, "wider", "wider host list; in split: main tile", "Views"},
    Binding{kNav, "y", A::copy_mode, "copy-mode", "select text in the pane and copy it", "Views"},
    Binding{kNav, "Escape", A::back, "back", "one step back; never quits", "Views"},

    Binding{kNav, "L", A::keep, "keep-logs", "keep the logs, or delete them on exit", "Program"},
    Binding{kNav, "?", A::help, "help", "this help", "Program"},
    Binding{kNav, ":", A::palette, "palette", "find a command by its name", "Program"},
    Binding{kNav, "M", A::mouse, "mouse", "leave the mouse to your terminal, or take it back",
            "Program"},
    Binding{kNav, "Ctrl-l", A::redraw, "redraw", "draw the screen anew", "Program"},
    Binding{kNav, "Ctrl-z", A::suspend, "suspend", "suspend the program", "Program"},
    Binding{kNav, "D", A::detach, "detach", "detach: the run goes on without a terminal", "Program"},
    Binding{kNav, "q", A::quit, "quit", "quit; asks while hosts are live", "Program"},

    Binding{Mode::replay, "Space", A::play, "play", "pause, or play on", "Replay"},
    Binding{Mode::replay, "}", A::faster, "faster", "twice as fast", "Replay"},
    Binding{Mode::replay, "{", A::slower, "slower", "half as fast", "Replay"},
    Binding{Mode::replay, ",", A::leap_back, "leap-back", "five seconds back", "Replay"},
    Binding{Mode::replay, ".", A::leap_on, "leap-on", "five seconds on", "Replay"},
    Binding{Mode::replay, "(", A::round_before, "round-before",
            "to the beginning of this round, or of the one before", "Replay"},
    Binding{Mode::replay, ")", A::round_after, "round-after", "to the beginning of the next round",
            "Replay"},
    Binding{Mode::replay, "@", A::to_moment, "moment", "to a moment: 90, 1:30, 50%, +10 or -10",
            "Replay"},
    Binding{Mode::replay, "!", A::to_difference, "first-difference",
            "to the first moment at which hosts diverged", "Replay"},
    Binding{Mode::replay, "Insert *", A::mark, "mark", "mark or unmark the selected host", "Replay"},

    Binding{Mode::files, "Enter l Right", A::enter_directory, "enter", "into the directory", "In the view of files"},
    Binding{Mode::files, "Backspace h Left", A::parent_directory, "parent", "to the one above it",
            "In the view of files"},
    Binding{Mode::files, "p", A::path_of_files, "path", "to a directory by its path", "In the view of files"},
    Binding{Mode::files, "/", A::filter_files, "filter", "only names with the text; Escape: all",
            "In the view of files"},
    Binding{Mode::files, "s", A::sort_files, "sort", "by name, size, time, difference", "In the view of files"},
    Binding{Mode::files, "r", A::refresh_files, "refresh",
            "list again, on the hosts that are marked now", "In the view of files"},
    Binding{Mode::files, "d", A::get_files, "download",
            "download the marked entries, or the selected one, from the hosts that have any",
            "In the view of files"},
    Binding{Mode::files, "u", A::put_files, "upload", "upload files of this machine into the directory",
            "In the view of files"},
    Binding{Mode::files, "Escape q", A::leave_files, "leave",
            "all names again; then back to the view before", "In the view of files"},

    Binding{Mode::input, "Leave", A::leave, "leave", "back to NAVIGATE; every other key is the hosts'",
            "INPUT"},

    Binding{Mode::question, "y", A::yes, "yes", "yes", "Questions"},
    Binding{Mode::question, "n Escape q", A::no, "no", "no", "Questions"},

    Binding{Mode::host_keys, "j Down", A::down, "down", "down", "Host keys"},
    Binding{Mode::host_keys, "k Up", A::up, "up", "up", "Host keys"},
    Binding{Mode::host_keys, "Space", A::mark, "mark", "mark or unmark a host", "Host keys"},
    Binding{Mode::host_keys, "a", A::accept_all, "accept-all", "accept all keys", "Host keys"},
    Binding{Mode::host_keys, "s", A::accept_marked, "accept-marked",
            "accept the marked hosts' keys, refuse the others", "Host keys"},
    Binding{Mode::host_keys, "n", A::refuse_all, "refuse-all", "refuse all keys", "Host keys"},
    Binding{Mode::host_keys, "Escape", A::set_aside, "set-aside", "decide later", "Host keys"},

    Binding{Mode::entry, "Enter", A::submit, "submit", "take what was typed", "Text entry"},
    Binding{Mode::entry, "Escape", A::set_aside, "set-aside", "leave it, decide later", "Text entry"},
    Binding{Mode::entry, "Up Ctrl-p", A::up, "up", "the entry above", "Text entry"},
    Binding{Mode::entry, "Down Ctrl-n Tab", A::down, "down", "the entry below; of a question, host by host",
            "Text entry"},
    Binding{Mode::entry, "Ctrl-u", A::collapse_all, "clear", "clear the line", "Text entry"},

    Binding{Mode::copy, "h Left", A::left, "left", "left", "Copy mode"},
    Binding{Mode::copy, "j Down", A::down, "down", "down", "Copy mode"},
    Binding{Mode::copy, "k Up", A::up, "up", "up", "Copy mode"},
    Binding{Mode::copy, "l Right", A::right, "right", "right", "Copy mode"},
    Binding{Mode::copy, "0 Home", A::line_begin, "line-begin", "to the row's beginning", "Copy mode"},
    Binding{Mode::copy, "$ End", A::line_end, "line-end", "to the row's end", "Copy mode"},
    Binding{Mode::copy, "g", A::first, "first", "to the first row", "Copy mode"},
    Binding{Mode::copy, "G", A::last, "last", "to the last row", "Copy mode"},
    Binding{Mode::copy, "PgDn Ctrl-f", A::page_down, "page-down", "a page down", "Copy mode"},
    Binding{Mode::copy, "PgUp Ctrl-b", A::page_up, "page-up", "a page up", "Copy mode"},
    Binding{Mode::copy, "Ctrl-d", A::half_down, "half-page-down", "half a page down", "Copy mode"},
    Binding{Mode::copy, "Ctrl-u", A::half_up, "half-page-up", "half a page up", "Copy mode"},
    Binding{Mode::copy, "Space v", A::mark, "select", "begin or drop a selection", "Copy mode"},
    Binding{Mode::copy, "V", A::select_rows, "select-rows", "select whole rows", "Copy mode"},
    Binding{Mode::copy, "o", A::other_end, "other-end", "to the selection's other end", "Copy mode"},
    Binding{Mode::copy, "y Enter", A::copy, "copy", "copy to the clipboard (OSC 52), and leave",
            "Copy mode"},
    Binding{Mode::copy, "|", A::copy_to_command, "copy-to-command",
            "give it to the configured copy_command, and leave", "Copy mode"},
    Binding{Mode::copy, "w", A::copy_to_file, "copy-to-file", "write it to a new file, and leave",
            "Copy mode"},
    Binding{Mode::copy, "Escape q", A::back, "back", "leave copy mode", "Copy mode"},

    Binding{Mode::choice, "j Down", A::down, "down", "down", "Lists to choose from"},
    Binding{Mode::choice, "k Up", A::up, "up", "up", "Lists to choose from"},
    Binding{Mode::choice, "Space", A::mark, "mark", "switch it on or off", "Lists to choose from"},
    Binding{Mode::choice, "Enter", A::submit, "submit", "take it", "Lists to choose from"},
    Binding{Mode::choice, "Escape q", A::set_aside, "set-aside", "close the list",
            "Lists to choose from"},
};

struct NamedCode {
  std::string_view name;
  KeyCode code;
  std::string_view utf8;  // how it is shown
};

constexpr std::array kCodes{
    NamedCode{"Enter", KeyCode::enter, "Enter"},     NamedCode{"Tab", KeyCode::tab, "Tab"},
    NamedCode{"Backspace", KeyCode::backspace, "Backspace"},
    NamedCode{"Escape", KeyCode::escape, "Esc"},     NamedCode{"Up", KeyCode::up, "↑"},
    NamedCode{"Down", KeyCode::down, "↓"},           NamedCode{"Left", KeyCode::left, "←"},
    NamedCode{"Right", KeyCode::right, "→"},         NamedCode{"Home", KeyCode::home, "Home"},
    NamedCode{"End", KeyCode::end, "End"},           NamedCode{"Insert", KeyCode::insert, "Insert"},
    NamedCode{"Delete", KeyCode::del, "Delete"},     NamedCode{"PgUp", KeyCode::page_up, "PgUp"},
    NamedCode{"PgDn", KeyCode::page_down, "PgDn"},   NamedCode{"F1", KeyCode::f1, "F1"},
    NamedCode{"F2", KeyCode::f2, "F2"},              NamedCode{"F3", KeyCode::f3, "F3"},
    NamedCode{"F4", KeyCode::f4, "F4"},              NamedCode{"F5", KeyCode::f5, "F5"},
    NamedCode{"F6", KeyCode::f6, "F6"},              NamedCode{"F7", KeyCode::f7, "F7"},
    NamedCode{"F8", KeyCode::f8, "F8"},              NamedCode{"F9", KeyCode::f9, "F9"},
    NamedCode{"F10", KeyCode::f10, "F10"},           NamedCode{"F11", KeyCode::f11, "F11"},
    NamedCode{"F12", KeyCode::f12, "F12"},
};

constexpr std::string_view kLeave = "Leave";

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) found.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.size() <= prefix.size() || text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Mods take_mods(std::string_view& name) {
  Mods mods;
  for (bool more = true; more;) {
    if (take_prefix(name, "Ctrl-") || take_prefix(name, "C-")) mods.ctrl = true;
    else if (take_prefix(name, "Alt-") || take_prefix(name, "M-")) mods.alt = true;
    else if (take_prefix(name, "Shift-") || take_prefix(name, "S-")) mods.shift = true;
    else more = false;
  }
  return mods;
}

std::string shown_word(std::string_view word, const Key& leave_key, bool utf8) {
  if (word == kLeave) return key_name(leave_key);
  if (!utf8) return std::string(word);
  for (const NamedCode& named : kCodes)
    if (named.name == word) return std::string(named.utf8);
  return std::string(word);
}

std::string markdown_keys(const Binding& binding) {
  std::string text;
  for (const std::string_view word : words(binding.keys)) {
    if (!text.empty()) text += ' ';
    text += "`" + (word == kLeave ? std::string("Ctrl-]") : std::string(word)) + "`";
  }
  return text;
}

}  // namespace

std::span<const Binding> bindings() { return kTable; }

bool same_key(const Key& a, const Key& b) {
  return a.code == b.code && a.ch == b.ch && a.mods.ctrl == b.mods.ctrl && a.mods.alt == b.mods.alt &&
         (a.code == KeyCode::text || a.mods.shift == b.mods.shift);
}

std::optional<Action> find_action(Mode mode, const Key& key, const Key& leave_key) {
  // First, so that a leave key set to a key of the table cannot be shadowed by it.
  if ((mode == Mode::navigate || mode == Mode::input) && same_key(key, leave_key))
    return Action::leave;
  for (const Binding& binding : kTable) {
    if (binding.mode != mode) continue;
    for (const std::string_view word : words(binding.keys))
      if (const auto bound = parse_key(word); word != kLeave && bound && same_key(*bound, key))
        return binding.action;
  }
  return std::nullopt;
}

const Binding& binding_of(Action action) {
  const auto* found = std::find_if(kTable.begin(), kTable.end(),
                                   [&](const Binding& b) { return b.action == action; });
  assert(found != kTable.end());
  return *found;
}

Result<Key> parse_key(std::string_view name) {
  std::string_view rest = name;
  const Mods mods = take_mods(rest);
  for (const NamedCode& named : kCodes)
    if (named.name == rest) return Key::special(named.code, mods);
  if (rest == "Space") return Key::character(U' ', mods);
  std::size_t used = 0;
  const char32_t ch = rest.empty() ? 0 : decode_utf8(rest, used);
  if (rest.empty() || used != rest.size() || char_width(ch) < 1)
    return Error{ErrorKind::config, "unknown key \"" + sanitised(name) + "\""};
  return Key::character(mods.ctrl && ch >= U'A' && ch <= U'Z' ? ch + 32 : ch, mods);
}

std::string key_name(const Key& key) {
  std::string name;
  if (key.mods.ctrl) name += "Ctrl-";
  if (key.mods.alt) name += "Alt-";
  if (key.code == KeyCode::text) {
    if (key.ch == U' ') return name + "Space";
    append_utf8(key.ch, name);
    return name;
  }
  if (key.mods.shift) name += "Shift-";
  for (const NamedCode& named : kCodes)
    if (named.code == key.code) return name + std::string(named.name);
  return name + "?";
}

std::string keys_shown(const Binding& binding, const Key& leave_key, bool utf8) {
  std::string text;
  for (const std::string_view word : words(binding.keys)) {
    if (!text.empty()) text += ' ';
    text += shown_word(word, leave_key, utf8);
  }
  return text;
}

std::string_view mode_name(Mode mode) {
  switch (mode) {
    case Mode::navigate: return "NAVIGATE";
    case Mode::input: return "INPUT";
    case Mode::question: return "questions";
    case Mode::host_keys: return "the table of host keys";
    case Mode::entry: return "text entry";
    case Mode::copy: return "copy mode";
    case Mode::choice: return "lists to choose from";
    case Mode::files: return "files, in the pane: before those of NAVIGATE";
    case Mode::replay: return "replay (watch --replay): before those of NAVIGATE";
  }
  return "";
}

std::string keys_as_markdown() {
  std::string text =
      "# Keys\n\nMade from the key table of the program; `bdsh-tui` shows the same under `?`.\n"
      "`Ctrl-]` is the leave key, which can be set to another.\n";
  std::string_view section;
  Mode mode = Mode::question;
  for (const Binding& binding : kTable) {
    if (binding.mode != mode) text += "\n## " + std::string(mode_name(binding.mode)) + "\n";
    if (binding.mode != mode || binding.section != section)
      text += "\n| " + std::string(binding.section) + " | does | name |\n|---|---|---|\n";
    mode = binding.mode;
    section = binding.section;
    text += "| " + markdown_keys(binding) + " | " + std::string(binding.help) + " | " +
            std::string(binding.name) + " |\n";
  }
  return text;
}

std::string keys_as_mdoc() {
  std::string text;
  std::string_view section;
  Mode mode = Mode::question;
  for (const Binding& binding : kTable) {
    if (binding.mode != mode || binding.section != section) {
      if (!section.empty()) text += ".El\n";
      text += ".Ss " + std::string(mode_name(binding.mode)) +
              (binding.mode == Mode::navigate ? ": " + std::string(binding.section) : "") +
              "\n.Bl -tag -width Ds\n";
    }
    mode = binding.mode;
    section = binding.section;
    // \& keeps mdoc from reading a lone punctuation mark as a macro argument.
    text += ".It";
    for (const std::string_view word : words(binding.keys))
      text += " Li \\&" + (word == kLeave ? std::string("Ctrl-]") : std::string(word));
    text += "\n" + std::string(binding.help) + "\n";
  }
  return text + ".El\n";
}

}  // namespace bdsh::tui
