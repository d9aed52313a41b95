// The top and the bottom line, and the frames between.
#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "tui/replay.hpp"
#include "tui/rounds.hpp"
#include "tui/views.hpp"

namespace bdsh::tui {
namespace {

constexpr std::array kOrder{HostState::done,    HostState::running, HostState::connecting,
                            HostState::waiting, HostState::failed,  HostState::disconnected,
                            HostState::queued};

struct Piece {
  std::string text;
  StyleId style;
};
using Pieces = std::vector<Piece>;

int width_of(const Pieces& pieces) {
  int width = 0;
  for (const Piece& piece : pieces) width += text_width(piece.text);
  return width;
}

std::array<std::size_t, 7> state_counts(const Model& model) {
  std::array<std::size_t, 7> counts{};
  all_hosts(model).for_each([&](HostId host) {
    ++counts[static_cast<std::size_t>(host_view(model, host)->status.state)];
  });
  return counts;
}

std::string count_word(HostState state) {
  switch (state) {
    case HostState::done: return "ok";
    case HostState::disconnected: return "lost";
    default: return to_string(state);
  }
}

// While hosts wait for their turn to connect, how many have one.
std::string pace(const Scene& scene, bool words) {
  if (scene.model.parallel == 0 || !words) return {};
  return " (" + std::to_string(scene.model.parallel) + " at a time)";
}

void add_counts(const Scene& scene, Pieces& pieces, bool words) {
  const auto counts = state_counts(scene.model);
  for (const HostState state : kOrder) {
    const std::size_t count = counts[static_cast<std::size_t>(state)];
    if (count == 0) continue;
    const std::string glyph(scene.look.glyphs().state(state));
    pieces.push_back({(words ? "  " : " ") + glyph, scene.look.on(state_paint(state), Paint::bar)});
    pieces.push_back({" " + std::to_string(count) + (words ? " " + count_word(state) : "") +
                          (state == HostState::queued ? pace(scene, words) : ""),
                      scene.look(Paint::bar)});
  }
}

std::string watch_words(const Model& model) {
  if (model.compared) return " diff";
  return model.ended ? " watch (ended)" : " watch";
}

// How much is left out, from nothing to nearly all, until the line fits.
struct Detail {
  bool count_words;
  bool host_count;
  bool counts;
  bool brand;
};
constexpr std::array kDetails{Detail{true, true, true, true}, Detail{false, true, true, true},
                              Detail{false, false, true, true}, Detail{false, false, true, false},
                              Detail{false, false, false, false}};

Pieces left_of_top(const Scene& scene, const Detail& detail) {
  const Look& look = scene.look;
  Pieces pieces;
  if (detail.brand) pieces.push_back({" bdsh", look(Paint::bar_brand)});
  if (scene.model.replay)
    pieces.push_back({" " + replay_text(*scene.model.replay, look.glyphs().utf8), look(Paint::bar_bad)});
  else if (scene.model.watching)
    pieces.push_back({watch_words(scene.model), look(Paint::bar_bad)});
  if (!scene.model.run_name.empty())
    pieces.push_back({"  " + fitted(sanitised(scene.model.run_name), 24, look.glyphs()),
                      look(Paint::bar)});
  if (detail.host_count)
    pieces.push_back({"  " + plural(all_hosts(scene.model).size(), "host"), look(Paint::bar_dim)});
  if (const std::size_t out = excluded_of(scene.model).size(); out > 0)
    pieces.push_back({"  " + std::to_string(out) + " left out", look(Paint::bar_bad)});
  if (detail.counts) {
    if (detail.count_words) pieces.push_back({" ", look(Paint::bar)});
    add_counts(scene, pieces, detail.count_words);
  }
  return pieces;
}

// Whoever is root on such a host can use the user's keys: never left out of the line.
Pieces forwarding(const Scene& scene) {
  const auto& hosts = hosts_of(scene.model);
  const auto count = static_cast<std::size_t>(std::count_if(
      hosts.begin(), hosts.end(), [](const HostView& h) { return h.status.forwards_agent; }));
  if (count == 0) return {};
  return {{" AGENT " + std::string(scene.look.glyphs().arrow) + " " + plural(count, "host") + " ",
           scene.look(Paint::danger)},
          {"  ", scene.look(Paint::bar)}};
}

// Of two runs: without any host that stayed the same the reference is a change.
std::string agreement_words(const Model& model, std::size_t agree, std::size_t of) {
  const std::string counts = std::to_string(agree) + " of " + std::to_string(of);
  if (!model.compared) return counts + " agree";
  const auto& variants = outcome_of(model).variants;
  const bool same = !variants.empty() && variants.front().line_count == 0;
  return (same ? counts : "0 of " + std::to_string(of)) + " unchanged";
}

Pieces right_of_top(const Scene& scene) {
  const consensus::Outcome& outcome = outcome_of(scene.model);
  const auto* screens = scene.model.screens;
  const std::size_t of = screens != nullptr ? all_hosts(scene.model).size() : outcome.of;
  const std::size_t agree = screens != nullptr ? screens->agree : outcome.agree;
  const Paint paint = agree == of ? Paint::bar_good : Paint::bar_bad;
  Pieces pieces = forwarding(scene);
  pieces.insert(pieces.end(),
                {{agreement_words(scene.model, agree, of), scene.look(paint)},
                 {"   ", scene.look(Paint::bar)},
                 {scene.model.keep ? "LOGS keep" : "LOGS delete on exit",
                  scene.look(scene.model.keep ? Paint::keep : Paint::discard)},
                 {" ", scene.look(Paint::bar)}});
  return pieces;
}

void put_all(Pen& pen, const Pieces& pieces) {
  for (const Piece& piece : pieces) pen.put(piece.text, piece.style);
}

// ---- the bottom line --------------------------------------------------------------------------

struct Hint {
  Action action;
  std::string_view words;
};

std::vector<Hint> view_hints(const Scene& scene) {
  std::vector<Hint> hints;
  const State& state = scene.state;
  if (shows_earlier_round(state) && state.view != View::diff) {
    hints = {{Action::earlier_round, "earlier"}, {Action::later_round, "later"},
             {Action::back, "live round"}};
  } else if (state.view == View::focus) {
    hints = {{Action::type_to_selected, "type"}, {Action::page_up, "scroll back"},
             {Action::back, "back"}};
  } else if (state.view == View::split) {
    hints = {{Action::focus_and_type, "focus"}, {Action::mark, "mark"},
             {Action::tile_size, "fit hosts"}, {Action::view_consensus, "consensus"}};
  } else if (state.view == View::diff) {
    hints = {{Action::next_difference, "next hunk"}, {Action::compare, "compare others"},
             {Action::back, "back"}, {Action::expand, "more lines"},
             {Action::next_divergent, "next divergent"}};
  } else if (state.view == View::variants) {
    hints = {{Action::mark_variant, "mark"}, {Action::focus_and_type, "focus"},
             {Action::type_to_marked, "type to it"}, {Action::rerun, "run again"},
             {Action::save_hosts, "save"}, {Action::exclude, "leave out"},
             {Action::reference, "reference"}, {Action::view_diff, "diff"}};
    if (scene.model.command.empty())
      std::erase_if(hints, [](const Hint& hint) { return hint.action == Action::rerun; });
  } else if (state.view == View::consensus && state.numbers) {
    hints = {{Action::down, "line"}, {Action::collapse, "column"}, {Action::expand, "column"},
             {Action::sort_hosts, "sort hosts"}, {Action::numbers, "close"}};
  } else if (state.view == View::consensus) {
    hints = {{Action::next_divergent, "next divergent"}, {Action::focus_and_type, "focus"},
             {Action::broadcast, "type to all"}, {Action::view_split, "split"}};
    if (scene.model.history != nullptr && !scene.model.history->empty())
      hints.insert(hints.begin() + 1, {Action::earlier_round, "earlier round"});
  } else if (state.view == View::files && state.pane == Pane::main) {
    hints = {{Action::enter_directory, "enter"}, {Action::parent_directory, "up"},
             {Action::get_files, "download"}, {Action::put_files, "upload"},
             {Action::mark, "mark"}, {Action::next_divergent, "next that differs"},
             {Action::sort_files, "sort"}, {Action::filter_files, "filter"},
             {Action::leave_files, "back"}};
  } else {
    hints = {{Action::next_divergent, "next divergent"}, {Action::focus_and_type, "focus"},
             {Action::back, "back"}};
  }
  if (scene.model.replay && !shows_earlier_round(state))
    hints.insert(hints.begin(), {{Action::play, scene.model.replay->playing ? "pause" : "play"},
                                 {Action::leap_on, "+5 s"},
                                 {Action::leap_back, "-5 s"},
                                 {Action::to_moment, "moment"},
                                 {Action::to_difference, "first difference"},
                                 {Action::faster, "faster"}});
  if (scene.model.watching)
    std::erase_if(hints, [](const Hint& hint) {
      return hint.action == Action::broadcast || hint.action == Action::type_to_selected ||
             hint.action == Action::type_to_marked || hint.action == Action::tile_size ||
             hint.action == Action::rerun;
    });
  if (state.view == View::consensus && !shows_earlier_round(state))
    hints.push_back({Action::keep, "keep logs"});
  hints.push_back({Action::help, "help"});
  hints.push_back({Action::quit, "quit"});
  return hints;
}

// The first key of a binding, as it is shown in hints.
std::string hint_key(const Scene& scene, Action action) {
  const std::string keys =
      keys_shown(binding_of(action), scene.leave_key, scene.look.glyphs().utf8);
  return keys.substr(0, keys.find(' '));
}

// Help and quit stay; of the others the last go first.
std::vector<Hint> fitting_hints(const Scene& scene, int room) {
  std::vector<Hint> hints = view_hints(scene);
  const auto width = [&] {
    int cols = 0;
    for (const Hint& hint : hints)
      cols += text_width(hint_key(scene, hint.action)) + static_cast<int>(hint.words.size()) + 4;
    return cols;
  };
  while (hints.size() > 2 && width() > room + 1) hints.erase(hints.end() - 3);
  return hints;
}

std::size_t asking_count(const Model& model) {
  std::size_t count = 0;
  for (const HostView& host : hosts_of(model)) count += host.status.asking.has_value() ? 1U : 0U;
  return count;
}

void put_asking(const Scene& scene, Pen& pen) {
  const std::size_t asking = asking_count(scene.model);
  if (asking == 0) return;
  pen.put("  " + plural(asking, "host") + (asking == 1 ? " asks" : " ask"), scene.look(Paint::ask));
  if (!scene.state.input) pen.put(" (a answers)", scene.look(Paint::dim));
}

void draw_navigate_line(Scene& scene, Pen pen) {
  const Look& look = scene.look;
  pen.put(" NAVIGATE ", look(Paint::mode_navigate));
  if (!scene.state.notice.empty()) {
    pen.put("  ", 0).put(fitted(scene.state.notice, pen.room() - 1, look.glyphs()),
                         look(Paint::notice));
    return;
  }
  if (const std::size_t marked = scene.state.marked.size(); marked > 0)
    pen.put("  " + std::to_string(marked) + " marked", look(Paint::marked));
  put_asking(scene, pen);
  for (const Hint& hint : fitting_hints(scene, pen.room()))
    pen.put("  " + hint_key(scene, hint.action), look(Paint::hint_key))
        .put(" " + std::string(hint.words) + " ", look(Paint::dim));
}

void draw_input_line(Scene& scene, Pen pen) {
  const Look& look = scene.look;
  const Target& target = scene.state.target;
  const bool danger = target.hosts.size() > 1;
  const std::string mode = " INPUT " + std::string(look.glyphs().arrow) + " " +
                           fitted(who(scene.model, target), 40, look.glyphs()) + " ";
  const StyleId rest = look(danger ? Paint::danger : Paint::dim);
  if (danger)
    scene.surface.fill({pen.at().row, 0, 1, scene.surface.cols()}, look(Paint::danger));
  pen.put(mode, look(danger ? Paint::danger : Paint::mode_input));
  if (!scene.state.notice.empty()) {
    const StyleId style = danger ? rest : look(Paint::notice);
    pen.put("  " + fitted(scene.state.notice, pen.room() - 3, look.glyphs()), style);
    return;
  }
  const std::string leave = key_name(scene.leave_key) + " leaves";
  if (danger) {
    const std::string words = "   every key goes to " + plural(target.hosts.size(), "host");
    if (text_width(words + leave) + 3 <= pen.room()) pen.put(words, rest);
  }
  pen.put("   ", rest).put(leave, rest);
  if (!danger) put_asking(scene, pen);
}

void draw_lost_line(Scene& scene, Pen pen) {
  const Look& look = scene.look;
  scene.surface.fill({pen.at().row, 0, 1, scene.surface.cols()}, look(Paint::danger));
  pen.put(" INPUT ended: no target is live any more " + std::string(look.glyphs().separator) +
              " Esc goes on",
          look(Paint::danger));
}

std::string consensus_title(const Scene& scene) {
  const std::string dot = " " + std::string(scene.look.glyphs().separator) + " ";
  if (const auto* screens = scene.model.screens; screens != nullptr && scene.state.view == View::consensus)
    return "screens of " + plural(screens->hosts.size(), "host") + dot +
           std::to_string(screens->agree) + " agree";
  std::string title = "consensus" + dot;
  if (const HostView* pinned = scene.model.pinned ? host_view(scene.model, *scene.model.pinned)
                                                  : nullptr)
    title += "reference: " + sanitised(pinned->name) + " (pinned)" + dot;
  title += round_words(scene);
  if (!scene.model.masks) title += dot + "masks off";
  else if (scene.state.spread) title += dot + "spread";
  const consensus::MergedView* view = scene.model.merged ? scene.model.merged() : nullptr;
  if (view != nullptr && view->pending_variants > 0)
    title += dot + "comparing" + std::string(scene.look.glyphs().more);
  else if (view != nullptr && view->coarse_variants > 0)
    title += dot + plural(view->coarse_variants, "variant") + " too unlike to align";
  return title;
}

std::string main_title(const Scene& scene) {
  const std::string dot = " " + std::string(scene.look.glyphs().separator) + " ";
  switch (scene.state.view) {
    case View::diff: return "diff" + dot + round_words(scene);
    case View::variants:
      return "variants" + dot + std::to_string(variant_rows(scene.model).size()) + dot +
             round_words(scene);
    case View::log: return "log";
    case View::files: return files_title(scene);
    case View::search: {
      const SearchAsk& sought = scene.state.sought;
      const HostView* host = sought.host ? host_view(scene.model, *sought.host) : nullptr;
      return "search" + dot + sanitised(sought.text) + (host == nullptr ? "" : dot + sanitised(host->name)) +
             (sought.round == 0 ? "" : dot + "round " + std::to_string(sought.round));
    }
    default: return consensus_title(scene);
  }
}

}  // namespace

void draw_top_line(Scene& scene) {
  const int cols = scene.surface.cols();
  scene.surface.fill({0, 0, 1, cols}, scene.look(Paint::bar));
  const Pieces right = right_of_top(scene);
  Pieces left;
  for (const Detail& detail : kDetails) {
    left = left_of_top(scene, detail);
    if (width_of(left) + width_of(right) + 2 <= cols) break;
  }
  Pen pen(scene.surface, {0, 0}, std::max(0, cols - width_of(right) - 1));
  put_all(pen, left);
  Pen end(scene.surface, {0, std::max(0, cols - width_of(right))}, cols);
  put_all(end, right);
}

void draw_bottom_line(Scene& scene) {
  const Pen pen(scene.surface, {scene.surface.rows() - 1, 0}, scene.surface.cols());
  if (scene.state.input_lost) draw_lost_line(scene, pen);
  else if (scene.state.input) draw_input_line(scene, pen);
  else draw_navigate_line(scene, pen);
}

void draw_too_small(Scene& scene) {
  const Size size = scene.surface.size();
  const std::string words = "too small: " + std::to_string(size.cols.value) + "x" +
                            std::to_string(size.rows.value) + ", needs " +
                            std::to_string(kSmallest.cols.value) + "x" +
                            std::to_string(kSmallest.rows.value);
  // What is typed still goes there: the one thing that must be said even here.
  std::string mode;
  if (scene.state.input_lost) mode = "INPUT ended, Esc goes on  ";
  else if (scene.state.input)
    mode = "INPUT " + std::string(scene.look.glyphs().arrow) + " " +
           who(scene.model, scene.state.target) + "  ";
  Pen pen(scene.surface, {0, 0}, size.cols.value);
  pen.put(mode, scene.look(Paint::danger)).put(words, scene.look(Paint::notice));
}

void draw_frames(Scene& scene) {
  if (scene.state.view == View::focus || screens_alone(scene.state, scene.model)) return;
  const Layout& at = scene.layout;
  const Glyphs& g = scene.look.glyphs();
  const bool hosts = scene.state.pane == Pane::hosts;
  const bool list = at.list.width > 0;
  const bool tiles = scene.state.view == View::split;
  if (!tiles) draw_frame(scene.surface, scene.look, at.frame, Paint::frame);
  if (!list && tiles) return;
  const int divider = at.list.col + at.list.width;
  if (tiles) {
    draw_frame(scene.surface, scene.look, {1, 0, at.frame.height, divider + 1}, Paint::frame);
  } else if (list) {
    const StyleId style = scene.look(Paint::frame);
    for (int r = 0; r < at.list.height; ++r)
      scene.surface.put({at.list.row + r, divider}, g.vertical, style);
    scene.surface.put({at.frame.row, divider}, g.tee_down, style);
    scene.surface.put({at.frame.row + at.frame.height - 1, divider}, g.tee_up, style);
  }
  const auto title = [&](bool focus) { return focus ? Paint::current : Paint::title; };
  if (list)
    draw_frame_title(scene.surface, scene.look, {at.frame.row, 0, 1, divider + 1},
                     scene.state.only_matching ? "hosts / " + sanitised(scene.state.sought.text) : "hosts",
                     title(hosts));
  if (!tiles)
    draw_frame_title(scene.surface, scene.look,
                     {at.frame.row, at.main.col - 1, 1, at.main.width + 2}, main_title(scene),
                     title(!hosts));
}

}  // namespace bdsh::tui
