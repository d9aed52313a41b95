#include "app/executor.hpp"

#include "app/host_lists.hpp"

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
          [&](const tui::Interrupt& c) { interrupt(c.targets); },
          [&](const tui::Reconnect& c) { restart(c.hosts, false); },
          [&](const tui::Rerun& c) { restart(c.hosts, true); },
          [&](tui::Answer& c) { source_.answer(c.hosts, std::move(c.text), c.later); },
          [&](const tui::SetParallel& c) { source_.set_parallel(c.parallel); },
          [&](const tui::SetKeep& c) {
            if (const Status kept = source_.set_keep(c.keep); !kept.ok())
              program_.notify(kept.error().message);
          },
          [&](const tui::SetMasks& c) { state_.set_masks(c.on); },
          [&](const tui::SetMask& c) { state_.set_mask(c.name, c.on); },
          [&](const tui::SetReference& c) { state_.set_reference(c.host); },
          [&](const tui::Exclude& c) { state_.set_excluded(c.hosts); },
          [&](const tui::SaveHosts& c) { program_.notify(save_hosts(state_, c.hosts, c.path)); },
          [&](const tui::Transfer& c) { program_.transfer(c); },
          [&](const tui::StopTransfer&) { program_.stop_transfer(); },
          [&](const tui::ListFiles& c) { program_.list_files(c); },
          [&](const tui::LeaveFiles&) { program_.leave_files(); },
          [&](const tui::ResizeHosts& c) { resize(c); },
          [&](const tui::Copy& c) { program_.copy(c); },
          [&](const tui::SetMouse& c) { program_.set_mouse(c.on); },
          [&](const tui::Suspend&) { program_.suspend(); },
          [&](const tui::Detach&) { program_.detach(); },
          [&](const tui::Replay& c) {
            if (std::string said = source_.replay(c); !said.empty()) program_.notify(std::move(said));
          },
          [&](const tui::Redraw&) { program_.redraw(); },
          [&](const tui::Quit&) { program_.quit(); },
      },
      command);
}

void Executor::interrupt(const HostSet& targets) {
  stop_paste(targets);
  targets.for_each([this](HostId host) { source_.interrupt(host); });
}

void Executor::stop_paste(const HostSet& targets) {
  const std::size_t before = flow_.host_count();
  flow_.stop(targets);
  if (flow_.host_count() < before) program_.notify("paste stopped");
}

// Encode first, since the prompt is what the line shows before the key; the round begins before
// the key is on its way, since its line is the one below the cursor now.
void Executor::send_key(const tui::SendKey& send) {
  const bool ctrl_c = send.key.mods.ctrl && send.key.ch == U'c';
  if (ctrl_c) stop_paste(send.targets);
  std::vector<std::pair<HostId, InputFlow::Text>> writes;
  send.targets.for_each([&](HostId host) {
    std::string bytes = state_.encode(host, send.key);
    if (bytes.empty()) return;
    // Hosts in the same modes share the bytes: a paste of a megabyte for a thousand hosts is one.
    const bool same = !writes.empty() && *writes.back().second == bytes;
    writes.emplace_back(host, same ? writes.back().second
                                   : std::make_shared<const std::string>(std::move(bytes)));
  });
  if (starts_round(state_, send)) {
    state_.begin_round(send.targets, std::chrono::system_clock::now());
    source_.round_began(state_.comparison().round(), state_.comparison().participants());
  }
  HostSet refused;
  for (const auto& [host, bytes] : writes) {
    if (send.key.code == KeyCode::paste || flow_.waits(host))
      flow_.send(host, bytes);
    else if (!source_.write(host, *bytes))
      refused.add(host);
  }
  report_refused(refused | flow_.pump());
}

bool Executor::pump() {
  if (!pasting()) return false;  // it was stopped
  const std::size_t before = flow_.bytes_waiting();
  const HostSet refused = flow_.pump();
  if (pasting())
    program_.notify("pasting to " + std::to_string(flow_.host_count()) +
                    (flow_.host_count() == 1 ? " host: " : " hosts: ") +
                    std::to_string(flow_.percent()) + " % (Ctrl-C or x stops it)");
  else
    program_.notify("pasted");
  report_refused(refused);
  return flow_.bytes_waiting() < before;
}

void Executor::report_refused(const HostSet& refused) {
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
