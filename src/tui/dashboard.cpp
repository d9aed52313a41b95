#include "tui/dashboard.hpp"

#include <utility>

#include "tui/diff_choice.hpp"
#include "tui/modes.hpp"
#include "tui/rounds.hpp"

namespace bdsh::tui {

class Dashboard::Impl {
 public:
  Impl(CellTables& tables, const Theme& theme, DashboardOptions options)
      : look_(tables, theme, options.utf8), leave_key_(std::move(options.leave_key)) {}

  std::vector<Command> handle(const Key& key, const Model& model);
  void draw(const Model& model, Surface& surface);
  const HostSet& shown_hosts() const { return shown_; }
  std::optional<HostId> focused_host() const {
    return state_.view == View::focus ? std::optional(state_.selected) : std::nullopt;
  }
  void notify(std::string text) { state_.notice = std::move(text); }
  void leave_input();
  void set_utf8(bool utf8) { look_.set_utf8(utf8); }
  std::vector<Command> act(Action action, const Model& model);
  void select(HostId host, const Model& model);
  const State& state() const { return state_; }

 private:
  void handle_lost(const Key& key);
  void handle_overlay(const Key& key, Context& context);
  void handle_plain(const Key& key, Context& context);
  bool forward_mouse(const Key& key, Context& context) const;
  void open(std::unique_ptr<Overlay> overlay);
  void open_prompt(const Model& model);
  std::optional<Model> earlier_model(const Model& model) const;
  void leave_files(View before, std::vector<Command>& out) const;

  Look look_;
  Key leave_key_;
  State state_;
  std::vector<std::unique_ptr<Overlay>> overlays_;
  HostSet shown_;
  Size size_;
};

void Dashboard::Impl::open(std::unique_ptr<Overlay> overlay) {
  if (overlay) overlays_.push_back(std::move(overlay));
}

// Somebody who types ahead does not see at once that the hosts are gone: no key may act on the
// program instead. Escape and the leave key end this.
void Dashboard::Impl::handle_lost(const Key& key) {
  overlays_.clear();  // a paste's question, for the same hosts
  const bool leaves = find_action(Mode::input, key, leave_key_) == Action::leave;
  if (leaves || key.code == KeyCode::escape) state_.input_lost = false;
}

void Dashboard::Impl::handle_overlay(const Key& key, Context& context) {
  if (overlays_.back()->handle(key, context)) overlays_.pop_back();
  if (context.chosen) open(perform(*context.chosen, key, context));
}

// A program that wants the mouse gets it, in its own coordinates; it must be the only target, and
// the one whose terminal is under the pointer.
bool Dashboard::Impl::forward_mouse(const Key& key, Context& context) const {
  const HostSet& targets = state_.target.hosts;
  if (targets.size() != 1 || state_.view != View::focus || !context.model.wants_mouse) return false;
  const HostId host = targets.to_vector().front();
  const Rect area = layout_of(state_, context.model, size_).main;
  if (host != state_.selected || !area.contains(key.mouse.at) || !context.model.wants_mouse(host))
    return false;
  const Point from = context.model.screen ? crop_origin(context.model.screen_place(host), area) : Point{};
  Key moved = key;
  moved.mouse.at = {key.mouse.at.row - area.row + from.row, key.mouse.at.col - area.col + from.col};
  context.out.push_back(SendKey{targets, std::move(moved), false});
  return true;
}

void Dashboard::Impl::handle_plain(const Key& key, Context& context) {
  if (key.code == KeyCode::mouse) {
    if (!state_.input || !forward_mouse(key, context)) open(handle_mouse(key, context));
    return;
  }
  open(state_.input ? handle_input(key, context) : handle_navigate(key, context));
}

// Whichever way the view was left: nobody looks at the files any more.
void Dashboard::Impl::leave_files(View before, std::vector<Command>& out) const {
  if (before == View::files && state_.view != View::files) out.push_back(LeaveFiles{});
}

std::vector<Command> Dashboard::Impl::handle(const Key& key, const Model& model) {
  std::vector<Command> out;
  const View before = state_.view;
  const bool typed = key.code != KeyCode::focus_in && key.code != KeyCode::focus_out &&
                     (key.code != KeyCode::mouse || key.mouse.kind == MouseEvent::Kind::press);
  if (typed) state_.notice.clear();
  const bool was_input = state_.input;
  follow_model(state_, model);
  if (state_.input_lost) {
    if (!was_input) handle_lost(key);  // else not even Escape is meant for the program yet
    return out;
  }
  const std::optional<Model> earlier = earlier_model(model);
  Context context{earlier ? *earlier : model, state_, look_, leave_key_, out, size_, std::nullopt};
  if (overlays_.empty()) handle_plain(key, context);
  else handle_overlay(key, context);
  leave_files(before, out);
  return out;
}

// Only where no key can be meant for something else: in NAVIGATE, and drawn before it gets a key.
void Dashboard::Impl::open_prompt(const Model& model) {
  if (overlays_.empty() && !state_.input && !state_.input_lost && !model.watching && model.asks_user)
    open(prompt_overlay(model, state_.set_aside));
}

// What the keys and the views work on while an earlier round is shown.
std::optional<Model> Dashboard::Impl::earlier_model(const Model& model) const {
  if (!shows_earlier_round(state_)) return std::nullopt;
  return model_of_shown_round(state_, model);
}

void Dashboard::Impl::leave_input() {
  if (!std::exchange(state_.input, false)) return;
  state_.last_target = state_.target;
  overlays_.clear();  // a paste's question
}

std::vector<Command> Dashboard::Impl::act(Action action, const Model& model) {
  std::vector<Command> out;
  const View before = state_.view;
  state_.notice.clear();
  state_.input_lost = false;
  follow_model(state_, model);
  const std::optional<Model> earlier = earlier_model(model);
  Context context{earlier ? *earlier : model, state_, look_, leave_key_, out, size_, std::nullopt};
  if (action == Action::leave && state_.input) leave_input();
  else open(perform(action, leave_key_, context));
  leave_files(before, out);
  return out;
}

void Dashboard::Impl::select(HostId host, const Model& model) {
  state_.selected = host;
  state_.scroll_back = 0;
  state_.list.show(row_of(listed_hosts(state_, model), host));
  if (const int variant = variant_of(model, host); variant >= 0) state_.variant = variant;
}

void draw_view(Scene& scene) {
  switch (scene.state.view) {
    case View::consensus: draw_consensus(scene); break;
    case View::split: draw_split(scene); break;
    case View::focus: draw_focus(scene); break;
    case View::diff: draw_diff(scene); break;
    case View::variants: draw_variants(scene); break;
    case View::log: draw_log(scene); break;
    case View::search: draw_search(scene); break;
    case View::files: draw_files(scene); break;
  }
}

void Dashboard::Impl::draw(const Model& model, Surface& surface) {
  surface.clear();
  shown_.clear();
  size_ = surface.size();
  follow_model(state_, model);
  if (state_.input_lost) overlays_.clear();
  state_.copying = state_.copying && !overlays_.empty();
  open_prompt(model);
  const std::optional<Model> earlier = earlier_model(model);
  const Model& seen = earlier ? *earlier : model;
  Scene scene{seen, state_, look_, surface, layout_of(state_, seen, size_), shown_, leave_key_};
  if (size_.rows < kSmallest.rows || size_.cols < kSmallest.cols) return draw_too_small(scene);
  draw_top_line(scene);
  draw_frames(scene);
  draw_host_list(scene);
  if (earlier) draw_round_banner(scene);
  if (state_.view == View::diff) follow_diff(state_, seen);
  draw_view(scene);
  draw_bottom_line(scene);
  for (const auto& overlay : overlays_) overlay->draw(scene);
}

Dashboard::Dashboard(CellTables& tables, const Theme& theme, DashboardOptions options)
    : impl_(std::make_unique<Impl>(tables, theme, std::move(options))) {}
Dashboard::~Dashboard() = default;

void Dashboard::leave_input() { impl_->leave_input(); }
void Dashboard::set_utf8(bool utf8) { impl_->set_utf8(utf8); }
std::vector<Command> Dashboard::act(Action action, const Model& model) { return impl_->act(action, model); }
void Dashboard::select(HostId host, const Model& model) { impl_->select(host, model); }
HostId Dashboard::selected() const { return impl_->state().selected; }
const HostSet& Dashboard::marked() const { return impl_->state().marked; }
const std::string& Dashboard::notice() const { return impl_->state().notice; }
std::string Dashboard::mode_text(const Model& model) const {
  const State& state = impl_->state();
  return state.input ? "INPUT " + who(model, state.target) : "NAVIGATE";
}

std::vector<Command> Dashboard::handle(const Key& key, const Model& model) {
  return impl_->handle(key, model);
}
void Dashboard::draw(const Model& model, Surface& surface) { impl_->draw(model, surface); }
const HostSet& Dashboard::shown_hosts() const { return impl_->shown_hosts(); }
std::optional<HostId> Dashboard::focused_host() const { return impl_->focused_host(); }
void Dashboard::notify(std::string text) { impl_->notify(std::move(text)); }

}  // namespace bdsh::tui
