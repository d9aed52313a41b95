#include "tui/diff_choice.hpp"

#include "core/text.hpp"
#include "tui/rounds.hpp"

namespace bdsh::tui {
namespace {

using consensus::Outcome;
using consensus::RoundRecord;
using With = DiffChoice::With;

std::string name_of(const Model& model, HostId host) {
  const HostView* view = host_view(model, host);
  return view != nullptr ? sanitised(view->name) : "?";
}

const RoundRecord* round_before(const Model& model) {
  const RoundRecord* before = nullptr;
  if (model.history != nullptr)
    for (const RoundRecord& record : *model.history)
      if (record.round < model.round) before = &record;
  return before;
}

std::string variant_name(const Model& model, const Outcome& outcome, std::size_t variant) {
  const std::string host = name_of(model, outcome.variants[variant].representative);
  const bool reference = outcome.reference == variant;
  return (reference ? "reference" : "variant " + consensus::variant_letter(variant)) + " (" + host +
         ")";
}

std::string of_round(const std::string& name, int round) {
  return name + ", round " + std::to_string(round);
}

DiffSides problem(std::string words) {
  return {{}, {}, {}, {}, std::move(words)};
}

// The selected host in both of the runs that are compared.
DiffSides both_runs(const State& state, const Model& model) {
  const std::string name = name_of(model, state.selected);
  return {{model.round - 1, state.selected},
          {model.round, state.selected},
          name + ", " + sanitised(model.compared->before),
          name + ", " + sanitised(model.compared->after),
          {}};
}

std::size_t first_variant(const Outcome& outcome) {
  return outcome.reference.value_or(0);
}

DiffSides with_variant(const State& state, const Model& model, std::size_t variant) {
  const Outcome& outcome = outcome_of(model);
  if (variant >= outcome.variants.size()) return problem("this round has no such variant");
  return {{model.round, outcome.variants[variant].representative},
          {model.round, state.selected},
          variant_name(model, outcome, variant),
          name_of(model, state.selected),
          {}};
}

// The selected host's variant as such: its own name says less.
DiffSides variants(const State& state, const Model& model, std::size_t variant) {
  DiffSides sides = with_variant(state, model, variant);
  const int own = variant_of(model, state.selected);
  if (own >= 0 && sides.problem.empty())
    sides.right_name = variant_name(model, outcome_of(model), static_cast<std::size_t>(own));
  return sides;
}

DiffSides marked(const State& state, const Model& model) {
  const std::vector<HostId> hosts = state.marked.to_vector();
  if (hosts.empty() || hosts.size() > 2) return problem("mark one or two hosts to compare (Space)");
  const HostId right = hosts.size() == 2 ? hosts[1] : state.selected;
  return {{model.round, hosts[0]},
          {model.round, right},
          name_of(model, hosts[0]),
          name_of(model, right),
          {}};
}

DiffSides with_round_before(const State& state, const Model& model) {
  const RoundRecord* before = round_before(model);
  if (before == nullptr) return problem("no round before this one is kept");
  const std::string name = name_of(model, state.selected);
  return {{before->round, state.selected},
          {model.round, state.selected},
          of_round(name, before->round),
          of_round(name, model.round),
          {}};
}

DiffSides references(const Model& model) {
  const RoundRecord* before = round_before(model);
  const Outcome& outcome = outcome_of(model);
  if (before == nullptr) return problem("no round before this one is kept");
  if (before->outcome.variants.empty()) return problem("the round before has no output");
  const std::size_t left = first_variant(before->outcome);
  const std::size_t right = first_variant(outcome);
  return {{before->round, before->outcome.variants[left].representative},
          {model.round, outcome.variants[right].representative},
          of_round(variant_name(model, before->outcome, left), before->round),
          of_round(variant_name(model, outcome, right), model.round),
          {}};
}

std::vector<DiffChoice> choices(const State& state, const Model& model) {
  std::vector<DiffChoice> all{{With::reference, 0}};
  if (!state.marked.empty() && state.marked.size() <= 2) all.push_back({With::marked, 0});
  if (round_before(model) != nullptr) {
    all.push_back({With::round_before, 0});
    all.push_back({With::references, 0});
  }
  const int own = variant_of(model, state.selected);
  for (std::size_t v = 0; v < outcome_of(model).variants.size(); ++v)
    if (static_cast<int>(v) != own && v != first_variant(outcome_of(model)))
      all.push_back({With::variant, v});
  return all;
}

class DiffChooser : public Overlay {
 public:
  bool handle(const Key& key, Context& context) override {
    const auto all = choices(context.state, context.model);
    const auto action = find_action(Mode::choice, key, context.leave_key);
    const int last = static_cast<int>(all.size()) - 1;
    if (action == Action::down) row_ = std::min(row_ + 1, last);
    if (action == Action::up) row_ = std::max(row_ - 1, 0);
    if (action == Action::submit) {
      context.state.diff_choice = all[static_cast<std::size_t>(std::clamp(row_, 0, last))];
      context.state.view = View::diff;
    }
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override {
    const auto all = choices(scene.state, scene.model);
    const int count = static_cast<int>(all.size());
    row_ = std::clamp(row_, 0, count - 1);
    const Rect box = draw_box(scene, "compare", count, 72, Paint::dialog_frame);
    Scroll window;
    window.fit(count, box.height);
    window.show(row_);
    for (int r = 0; r < window.page && window.top + r < count; ++r)
      draw_choice(scene, all[static_cast<std::size_t>(window.top + r)], window.top + r == row_,
                  {box.row + r, box.col, 1, box.width});
  }

 private:
  static void draw_choice(Scene& scene, const DiffChoice& choice, bool chosen, Rect row) {
    State state = scene.state;
    state.diff_choice = choice;
    const DiffSides sides = diff_sides(state, scene.model);
    const StyleId style = scene.look(chosen ? Paint::selected : Paint::dialog);
    scene.surface.fill(row, style);
    Pen pen(scene.surface, {row.row, row.col}, row.col + row.width);
    pen.put(chosen ? scene.look.glyphs().selected : " ", style).put(" ", style);
    const std::string words = sides.problem.empty() ? sides.left_name + "  " +
                                                          std::string(scene.look.glyphs().arrow) +
                                                          "  " + sides.right_name
                                                    : sides.problem;
    pen.put(fitted(words, pen.room() - 1, scene.look.glyphs()), style);
  }
  int row_ = 0;
};

}  // namespace

DiffSides diff_sides(const State& state, const Model& model) {
  if (outcome_of(model).variants.empty()) return problem("nothing to compare yet");
  if (host_view(model, state.selected) == nullptr) return problem("no host is selected");
  switch (state.diff_choice.with) {
    case With::reference:
      if (model.compared) return both_runs(state, model);
      return with_variant(state, model, first_variant(outcome_of(model)));
    case With::marked:
      return marked(state, model);
    case With::variant:
      return variants(state, model, state.diff_choice.variant);
    case With::round_before:
      return with_round_before(state, model);
    case With::references:
      return references(model);
  }
  return problem("nothing to compare");
}

DiffChoice usual_diff(const State& state, const Model& model) {
  HostSet pair = state.marked;
  if (pair.size() == 1) pair.add(state.selected);
  if (pair.size() != 2) return {};
  const std::vector<HostId> hosts = pair.to_vector();
  const int variant = variant_of(model, hosts[0]);
  const bool alike = variant >= 0 && variant == variant_of(model, hosts[1]);
  return {alike ? With::reference : With::marked, 0};
}

void follow_diff(State& state, const Model& model) {
  const DiffSides sides = diff_sides(state, model);
  if (!sides.problem.empty()) return;
  if (state.diff_left == sides.left && state.diff_right == sides.right) return;
  state.diff_left = sides.left;
  state.diff_right = sides.right;
  state.diff = Scroll{};
  state.diff_hunk = -1;
  state.diff_exceptions.clear();
}

std::unique_ptr<Overlay> diff_chooser_overlay() {
  return std::make_unique<DiffChooser>();
}

}  // namespace bdsh::tui
