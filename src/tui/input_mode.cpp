// INPUT: every key but the leave key goes to the target.
#include "tui/modes.hpp"
#include "tui/pane_rows.hpp"
#include "tui/rounds.hpp"

namespace bdsh::tui {
namespace {

bool several_lines(const std::string& text) {
  const std::size_t end = text.find_first_of("\r\n");
  return end != std::string::npos;
}

bool first_piece(const Key& paste) { return paste.bytes.rfind(kPasteBegin, 0) == 0; }

// What was just left out, or never was there, cannot stay selected: the next host below can.
void keep_selection(State& state, const Model& model) {
  const HostSet all = all_hosts(model);
  if (all.empty() || all.contains(state.selected)) return;
  const std::vector<HostId> hosts = all.to_vector();
  const auto next = std::lower_bound(hosts.begin(), hosts.end(), state.selected);
  state.selected = next != hosts.end() ? *next : hosts.back();
}

}  // namespace

void follow_model(State& state, const Model& model) {
  const HostSet live = live_hosts(model);
  const HostSet all = all_hosts(model);
  state.marked &= all;
  keep_selection(state, model);
  hold_scrolled(state, model);
  state.last_target.hosts &= live;
  follow_rounds(state, model);
  // Who asks no more may ask anew.
  state.set_aside.for_each([&](HostId host) {
    const HostView* view = host_view(model, host);
    if (view == nullptr || !view->status.asking) state.set_aside.remove(host);
  });
  if (!state.input) return;
  state.target.hosts &= live;
  if (!state.target.hosts.empty()) return;
  state.input = false;
  state.input_lost = true;
}

std::unique_ptr<Overlay> handle_input(const Key& key, Context& context) {
  State& state = context.state;
  if (find_action(Mode::input, key, context.leave_key) == Action::leave) {
    state.input = false;
    state.last_target = state.target;
    return nullptr;
  }
  // A paste's later pieces belong to what was decided about its first one.
  const bool asks = key.code == KeyCode::paste && state.target.hosts.size() > 1 &&
                    first_piece(key) && several_lines(key.text);
  if (asks) return paste_overlay(key);
  const bool typed = key.code != KeyCode::focus_in && key.code != KeyCode::focus_out &&
                     key.code != KeyCode::unknown;
  if (typed) {
    state.scroll_back = 0;
    context.out.push_back(SendKey{state.target.hosts, key, state.target.broadcast});
  }
  return nullptr;
}

}  // namespace bdsh::tui
