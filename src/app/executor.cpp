#include "app/executor.hpp"

namespace bdsh::app {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

// In a full-screen program Enter is a key like any other.
bool starts_round(const RunState& state, const tui::SendKey& send) {
  if (!send.broadcast || send.key.code != KeyCode::enter) return false;
  std::size_t full_screen = 0;
  send.targets.for_each([&](HostId host) { full_screen += state.terminal(host).alternate() ? 1 : 0; });
  return full_screen * 2 <= send.targets.size();
}

}  // namespace

void Executor::execute(tui::Command command) {
  std::visit(
      Overloaded{
          [&](const tui::SendKey& send) { send_key(send); },
          [&](const tui::Interrupt& c) { c.targets.for_each([&](HostId h) { source_.interrupt(h); }); },
          [&](const tui::Reconnect& c) { restart(c.hosts, false); },
          [&](const tui::Rerun& c) { restart(c.hosts, true); },
          [&](const tui::Answer& c) {
            c.hosts.for_each([&](HostId h) {
              source_.answer(h, c.text ? std::optional<Secret>(c.text->clone()) : std::nullopt);
            });
          },
          [&](const tui::SetKeep& c) {
            if (const Status kept = source_.set_keep(c.keep); !kept.ok())
              program_.notify(kept.error().message);
          },
          [&](const tui::SetMasks& c) { state_.set_masks(c.on); },
          [&](const tui::ResizeHosts& c) { resize(c); },
          [&](const tui::Copy& c) { program_.copy(c); },
          [&](const tui::SetMouse& c) { program_.set_mouse(c.on); },
          [&](const tui::Suspend&) { program_.suspend(); },
          [&](const tui::Detach&) { program_.notify("detaching is not available in this version"); },
          [&](const tui::Redraw&) { program_.redraw(); },
          [&](const tui::Quit&) { program_.quit(); },
      },
      command);
}

// Encode first, since the prompt is what the line shows before the key; the round begins before
// the key is on its way, since its line is the one below the cursor now.
void Executor::send_key(const tui::SendKey& send) {
  std::vector<std::pair<HostId, std::string>> writes;
  send.targets.for_each([&](HostId host) {
    std::string bytes = state_.encode(host, send.key);
    if (!bytes.empty()) writes.emplace_back(host, std::move(bytes));
  });
  if (starts_round(state_, send)) {
    state_.begin_round(send.targets, std::chrono::system_clock::now());
    source_.round_began(state_.comparison().round(), state_.comparison().participants());
  }
  HostSet refused;
  for (const auto& [host, bytes] : writes)
    if (!source_.write(host, bytes)) refused.add(host);
  if (refused.empty()) return;
  const HostId first = refused.to_vector().front();
  program_.notify("input not taken by " + state_.info(first).name +
                  (refused.size() > 1 ? " and " + std::to_string(refused.size() - 1) + " more" : "") +
                  ": not connected, or not reading");
}

void Executor::restart(const HostSet& hosts, bool rerun) {
  if (source_.watching()) return program_.notify("watching a run: nothing can be started");
  if (rerun && !state_.options().command)
    return program_.notify("these are shells: nothing to run again (r reconnects)");
  HostSet ended;
  hosts.for_each([&](HostId host) {
    if (state_.status(host).ended()) ended.add(host);
  });
  if (ended.empty()) return program_.notify("still live: nothing to start again");
  source_.restart(ended);
}

void Executor::resize(const tui::ResizeHosts& command) {
  const Size size = command.size.value_or(state_.options().size);
  command.hosts.for_each([&](HostId host) {
    source_.resize(host, size);
    state_.resize(host, size);
  });
}

}  // namespace bdsh::app
