#include "tui/rounds.hpp"

#include <map>

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

using consensus::RoundRecord;

const std::vector<RoundRecord>& history_of(const Model& model) {
  static const std::vector<RoundRecord> none;
  return model.history != nullptr ? *model.history : none;
}

const RoundRecord* record_of(const Model& model, int round) {
  const auto& history = history_of(model);
  const auto found = std::find_if(history.begin(), history.end(),
                                  [&](const RoundRecord& record) { return record.round == round; });
  return found == history.end() ? nullptr : &*found;
}

std::string forgotten_words(const Model& model) {
  return plural(model.forgotten_rounds, "round") + " before it forgotten";
}

// The rounds' statuses, each with its number of hosts: "exit 0: 7 hosts, 3: 1 host".
std::string exit_summary(const consensus::Outcome& outcome) {
  std::map<std::string, std::size_t> hosts;
  for (const consensus::Variant& variant : outcome.variants)
    if (variant.exit) hosts[exit_words(variant.exit)] += variant.hosts.size();
  std::string text;
  for (const auto& [exit, count] : hosts)
    text += (text.empty() ? "exit " : ", ") + exit + ": " + plural(count, "host");
  return text;
}

int index_of(const std::vector<RoundRecord>& history, int round) {
  const auto after =
      std::lower_bound(history.begin(), history.end(), round,
                       [](const RoundRecord& record, int number) { return record.round < number; });
  return static_cast<int>(after - history.begin());
}

void show_earlier_round(State& state, int round) {
  if (state.shown_round == 0) state.live_scroll = state.consensus;
  state.shown_round = round;
  state.consensus = Scroll{};
}

}  // namespace

Model model_of_shown_round(const State& state, const Model& model) {
  Model shown = model;
  const RoundRecord* record = record_of(model, state.shown_round);
  if (record == nullptr) return shown;
  shown.round = record->round;
  shown.command = record->command;
  shown.round_times = record->times;
  shown.outcome = &record->outcome;
  shown.merged = [record] { return &record->view; };
  shown.screens = nullptr;
  shown.pinned.reset();
  shown.numbers = {};  // what hosts printed is not kept line by line
  return shown;
}

void follow_rounds(State& state, const Model& model) {
  if (state.shown_round != 0 && (state.input || record_of(model, state.shown_round) == nullptr))
    show_live_round(state);
  const int round = shows_earlier_round(state) ? state.shown_round : model.round;
  if (state.round == round) return;
  state.round = round;
  state.exceptions.clear();
  state.difference = -1;
  state.numbers = false;
  state.order.clear();
  state.order_values.clear();
}

void go_to_round(Context& context, int step) {
  State& state = context.state;
  const auto& history = history_of(context.model);
  if (!is_of_a_round(state.view)) {
    state.view = View::consensus;
    show_live_round(state);
  }
  const int live = static_cast<int>(history.size());
  const int at = state.shown_round == 0 ? live : index_of(history, state.shown_round);
  const int to = at + step;
  if (to > live) {
    state.notice = "this is the live round";
  } else if (to < 0) {
    const std::size_t forgotten = context.model.forgotten_rounds;
    state.notice = "there is no earlier round";
    if (forgotten > 0) state.notice += " any more: " + plural(forgotten, "round") + " forgotten";
  } else if (to == live) {
    show_live_round(state);
  } else {
    show_earlier_round(state, history[static_cast<std::size_t>(to)].round);
  }
}

void show_live_round(State& state) {
  if (std::exchange(state.shown_round, 0) != 0) state.consensus = state.live_scroll;
}

std::string round_words(const Scene& scene) {
  const Model& model = scene.model;
  if (model.compared) return sanitised(model.compared->before + " - " + model.compared->after);
  const std::string dot = " " + std::string(scene.look.glyphs().separator) + " ";
  std::string text;
  if (shows_earlier_round(scene.state)) text = "EARLIER ";
  text += "round " + std::to_string(model.round);
  if (shows_earlier_round(scene.state)) text += " of " + std::to_string(model.live_round);
  if (!model.command.empty()) text += dot + sanitised(model.command);
  if (const auto took = model.round_times.duration()) text += dot + duration_words(*took);
  return text;
}

void draw_round_banner(Scene& scene) {
  const Look& look = scene.look;
  const Rect area = scene.layout.main;
  const Point at{area.row - 1, area.col};
  const std::string dot = " " + std::string(look.glyphs().separator) + " ";
  scene.surface.fill({at.row, at.col, 1, area.width}, look(Paint::notice));
  std::string words = "not live";
  if (const std::string exits = exit_summary(outcome_of(scene.model)); !exits.empty())
    words += dot + exits;
  const auto& history = history_of(scene.model);
  if (scene.model.forgotten_rounds > 0 && history.front().round == scene.model.round)
    words += dot + forgotten_words(scene.model);
  const std::string back = "Esc or f: the live round";
  Pen pen(scene.surface, {at.row, at.col + 1}, at.col + area.width - 1);
  pen.put(fitted(words, pen.room() - text_width(back) - 2, look.glyphs()), look(Paint::notice));
  pen.to(at.col + area.width - 1 - text_width(back)).put(back, look(Paint::notice));
}

}  // namespace bdsh::tui
