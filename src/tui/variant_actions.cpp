#include "tui/variant_actions.hpp"

#include "core/text.hpp"

namespace bdsh::tui {
namespace {

std::string name_of(const Model& model, HostId host) {
  const HostView* view = host_view(model, host);
  return view != nullptr ? sanitised(view->name) : "";
}

Choice selected_host(const Context& context) {
  const HostId host = context.state.selected;
  if (!all_hosts(context.model).contains(host)) return {};
  return {HostSet::of(host), name_of(context.model, host), ""};
}

// Asks where to; the name that is offered says what is in it.
class SaveEntry : public Overlay {
 public:
  SaveEntry(Choice choice, const std::string& run_name)
      : choice_(std::move(choice)),
        text_(plain_file_name(run_name.empty() ? "run" : run_name) + "-" +
              plain_file_name(choice_.variant.empty() ? choice_.name : choice_.variant) + ".hosts") {}

  bool handle(const Key& key, Context& context) override {
    if (edit_text(text_, key)) return false;
    const auto action = find_action(Mode::entry, key, context.leave_key);
    if (action == Action::collapse_all) text_.clear();
    if (action == Action::submit && !text_.empty())
      context.out.push_back(SaveHosts{choice_.hosts, text_});
    return action == Action::submit || action == Action::set_aside;
  }

  void draw(Scene& scene) override {
    const std::string what = plural(choice_.hosts.size(), "host");
    draw_entry_line(scene, "save " + what + " (" + choice_.name + ") to: ", text_);
  }

 private:
  Choice choice_;
  std::string text_;
};

}  // namespace

Choice selected_variant(const Context& context) {
  const int variant = variant_of(context.model, context.state.selected);
  if (variant < 0) return {};
  VariantRow row = variant_rows(context.model)[static_cast<std::size_t>(variant)];
  return {std::move(row.hosts), "variant " + row.letter, row.letter};
}

Choice chosen_hosts(const Context& context) {
  const HostSet& marked = context.state.marked;
  if (!on_variant_list(context.state) && !marked.empty()) return {marked, "marked", ""};
  Choice variant = selected_variant(context);
  return variant.hosts.empty() ? selected_host(context) : variant;
}

// The same key goes back: what is pinned stands selected as the reference.
void choose_reference(Context& context) {
  State& state = context.state;
  const Model& model = context.model;
  if (model.screens != nullptr) {
    state.notice = "the screens' reference is what most show";
    return;
  }
  const int variant = variant_of(model, state.selected);
  const bool back = model.pinned && (*model.pinned == state.selected ||
                                     (variant >= 0 && variant == variant_of(model, *model.pinned)));
  if (back) {
    context.out.push_back(SetReference{std::nullopt});
    state.notice = "reference: what most hosts show";
  } else if (variant < 0) {
    state.notice = name_of(model, state.selected) + " has printed nothing to be the reference";
  } else {
    context.out.push_back(SetReference{state.selected});
    state.notice = "reference: " + name_of(model, state.selected) + " (pinned)";
  }
}

// One host in the list of hosts, a variant in that of variants: what the cursor is on.
void exclude_hosts(Context& context) {
  State& state = context.state;
  const bool one = !on_variant_list(state) && state.marked.empty();
  const Choice choice = one ? selected_host(context) : chosen_hosts(context);
  if (choice.hosts.empty()) return;
  if ((all_hosts(context.model) - choice.hosts).empty()) {
    state.notice = "these are all hosts: none would be left";
    return;
  }
  state.left_out.push_back(choice.hosts - excluded_of(context.model));
  state.marked -= choice.hosts;
  state.notice = plural(choice.hosts.size(), "host") + " (" + choice.name +
                 ") left out: not compared, not typed to; + takes back in";
  context.out.push_back(Exclude{excluded_of(context.model) | choice.hosts});
}

void include_hosts(Context& context) {
  State& state = context.state;
  if (excluded_of(context.model).empty() || state.left_out.empty()) {
    state.notice = "no host is left out";
    return;
  }
  const HostSet back = std::move(state.left_out.back());
  state.left_out.pop_back();
  state.notice = plural(back.size(), "host") + " back in: " + fold_hosts(context.model, back);
  context.out.push_back(Exclude{excluded_of(context.model) - back});
}

std::unique_ptr<Overlay> save_hosts(Context& context) {
  Choice choice = chosen_hosts(context);
  if (choice.hosts.empty()) return nullptr;
  return std::make_unique<SaveEntry>(std::move(choice), context.model.run_name);
}

}  // namespace bdsh::tui
