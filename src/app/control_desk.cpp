#include "app/control_desk.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "app/event_feed.hpp"
#include "control/json_text.hpp"
#include "core/text.hpp"
#include "tui/keymap.hpp"
#include "tui/state.hpp"

namespace bdsh::app {
namespace {

using control::JsonObject;

Error usage(const std::string& what) {
  return {ErrorKind::usage, what};
}

std::optional<bool> switch_of(const std::string& word) {
  if (word == "on" || word == "yes") return true;
  if (word == "off" || word == "no") return false;
  return {};
}

struct More {
  const char* name;
  const char* arguments;
  const char* help;
};
// Beside the key table's commands.
constexpr More kMore[] = {
    {"status", "", "the run, its states and its agreement"},
    {"hosts", "", "every host with its state"},
    {"host", "HOST [LINES]", "a host with the last lines of its output"},
    {"answer", "TARGET ANSWER", "the answer to a host's question; ctl reads it from standard input"},
    {"report", "", "the folded report, as --json prints it"},
    {"commands", "", "this list"},
    {"events", "", "what happens, line by line, until the run ends"},
    {"type", "TARGET TEXT", "TEXT to the target's programs, as if pasted"},
    {"send", "TARGET TEXT", "the same and Enter, which begins a round on several hosts"},
    {"select", "HOST", "select a host"},
    {"broadcast", "[on|off]", "type to all live hosts; off leaves INPUT"},
    {"keep", "on|off", "keep the logs or not"},
    {"masks", "on|off", "masks on or off"},
};

const tui::Binding* binding_named(const std::string& name) {
  for (const tui::Binding& binding : tui::bindings())
    if (binding.mode == tui::Mode::navigate && binding.name == name) return &binding;
  return nullptr;
}

std::string command_json(std::string_view name, std::string_view arguments, std::string_view help) {
  JsonObject object;
  object.text("name", name).text("arguments", arguments).text("help", help);
  return object.str();
}

std::vector<std::string> comma_separated(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

Result<std::string> ControlDesk::handle(const control::Request& request) {
  using Handler = Result<std::string> (ControlDesk::*)(const Words&);
  struct Row {
    Handler handler;
    std::size_t least;
    std::size_t most;
  };
  static const std::map<std::string, Row> kHandlers{
      {"status", {&ControlDesk::status, 0, 0}}, {"hosts", {&ControlDesk::hosts, 0, 0}},
      {"host", {&ControlDesk::host, 1, 2}},     {"answer", {&ControlDesk::answer, 2, 2}},
      {"report", {&ControlDesk::report, 0, 0}}, {"commands", {&ControlDesk::commands, 0, 0}},
      {"type", {&ControlDesk::type, 2, 2}},     {"send", {&ControlDesk::send, 2, 2}},
      {"select", {&ControlDesk::select, 1, 1}}, {"broadcast", {&ControlDesk::broadcast, 0, 1}},
      {"keep", {&ControlDesk::keep, 1, 1}},     {"masks", {&ControlDesk::masks, 0, 1}},
      {"detach", {&ControlDesk::detach, 0, 0}}, {"quit", {&ControlDesk::quit, 0, 0}}};
  const auto found = kHandlers.find(request.command);
  if (found == kHandlers.end()) return act(request.command, request.arguments);
  const auto& [handler, least, most] = found->second;
  const std::size_t given = request.arguments.size();
  if (given < least || given > most)
    return usage(request.command + ": " +
                 (given < least ? "something is missing" : "too many words"));
  return (this->*handler)(request.arguments);
}

// ---- questions ----------------------------------------------------------------------------------

Result<std::string> ControlDesk::status(const Words&) {
  const consensus::Outcome& outcome = state_.comparison().outcome();
  std::map<std::string, std::int64_t> counts;
  std::vector<std::string> waiting;
  std::vector<std::string> asks;
  for (std::size_t i = 0; i < state_.host_count(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    const HostStatus& now = state_.status(host);
    ++counts[to_string(now.state)];
    if (now.state == HostState::waiting) waiting.push_back(state_.info(host).name);
    if (now.asking) asks.push_back(state_.info(host).name);
  }
  JsonObject states;
  for (const auto& [name, count] : counts) states.number(name, count);
  JsonObject object;
  object.text("run", state_.options().name).number("pid", ::getpid());
  object.text_or_null("command", state_.options().command.value_or(""));
  object.number("hosts", static_cast<std::int64_t>(state_.host_count()))
      .json("states", states.str());
  object.number("agree", static_cast<std::int64_t>(outcome.agree))
      .number("of", static_cast<std::int64_t>(outcome.of));
  object.number("round", state_.comparison().round()).texts("waiting", waiting).texts("asking", asks);
  object.flag("ended", state_.all_ended()).flag("keep", source_.keep());
  object.number("terminals", static_cast<std::int64_t>(services_.terminals()));
  object.text("mode", dashboard_.mode_text(model_.model()));
  return object.str();
}

Result<std::string> ControlDesk::hosts(const Words&) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < state_.host_count(); ++i)
    all.push_back(host_json(state_, HostId{static_cast<std::uint32_t>(i)}));
  return control::json_list_of(all);
}

// The last lines that hold something; 20 unless a number is given.
Result<std::string> ControlDesk::host(const Words& words) {
  constexpr std::size_t kMostLines = 1000;
  const auto id = host_named(words[0]);
  if (!id) return id.error();
  std::size_t count = 20;
  if (words.size() > 1) {
    const std::string& text = words[1];
    const bool number = !text.empty() && text.size() < 6 &&
                        text.find_first_not_of("0123456789") == std::string::npos;
    if (!number) return usage("host: '" + sanitised(text) + "' is no number of lines");
    count = std::min<std::size_t>(std::stoul(text), kMostLines);
  }
  const pty::HostTerminal& terminal = state_.terminal(*id);
  std::vector<std::string> lines;
  const std::uint64_t first = terminal.first_kept_line();
  for (std::uint64_t i = terminal.line_end(); i > first && lines.size() < count; --i) {
    std::string line = sanitised(terminal.line(i - 1), 1U << 16U);
    if (!line.empty() || !lines.empty()) lines.push_back(std::move(line));
  }
  std::reverse(lines.begin(), lines.end());
  return JsonObject().json("host", host_json(state_, *id)).texts("lines", lines).str();
}

Result<std::string> ControlDesk::report(const Words&) {
  return control::one_line(services_.report());
}

Result<std::string> ControlDesk::commands(const Words&) {
  std::vector<std::string> all;
  for (const More& more : kMore) all.push_back(command_json(more.name, more.arguments, more.help));
  for (const tui::Binding& binding : tui::bindings()) {
    const bool said = std::any_of(std::begin(kMore), std::end(kMore),
                                  [&](const More& more) { return binding.name == more.name; });
    if (binding.mode == tui::Mode::navigate && !said)
      all.push_back(command_json(binding.name, "[HOST]", binding.help));
  }
  return control::json_list_of(all);
}

// ---- typing -------------------------------------------------------------------------------------

// "all", "marked", "divergent", "variant:B", or names with commas; of these the live ones.
Result<HostSet> ControlDesk::targets(const std::string& words) {
  const tui::Model& model = model_.model();
  const consensus::Outcome& outcome = state_.comparison().outcome();
  constexpr std::string_view kVariant = "variant:";
  HostSet hosts;
  if (words == "all") {
    hosts = tui::all_hosts(model);
  } else if (words == "marked") {
    hosts = dashboard_.marked();
  } else if (words == "divergent") {
    hosts = outcome.divergent;
  } else if (words.starts_with(kVariant)) {
    for (std::size_t i = 0; i < outcome.variants.size(); ++i)
      if (consensus::variant_letter(i) == words.substr(kVariant.size()))
        hosts = outcome.variants[i].hosts;
  } else {
    for (const std::string& name : comma_separated(words)) {
      const auto host = host_named(name);
      if (!host) return host.error();
      hosts.add(*host);
    }
  }
  hosts &= tui::live_hosts(model);
  if (hosts.empty())
    return Error{ErrorKind::cancelled, "no live host in '" + sanitised(words) + "'"};
  return hosts;
}

Result<HostId> ControlDesk::host_named(const std::string& name) const {
  for (std::size_t i = 0; i < state_.host_count(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    if (state_.info(host).name == name) return host;
  }
  return usage("no host is called '" + sanitised(name) + "'");
}

void ControlDesk::paste(const HostSet& hosts, const std::string& text) {
  if (text.empty()) return;
  Key key;
  key.code = KeyCode::paste;
  key.text = text;
  key.bytes = std::string(kPasteBegin) + text + std::string(kPasteEnd);
  executor_.execute(tui::SendKey{hosts, std::move(key), hosts.size() > 1});
}

void ControlDesk::enter(const HostSet& hosts) {
  executor_.execute(tui::SendKey{hosts, Key::special(KeyCode::enter), hosts.size() > 1});
}

Result<std::string> ControlDesk::type(const Words& words) {
  if (source_.watching()) return usage("watching a run: nothing can be typed");
  const auto hosts = targets(words[0]);
  if (!hosts) return hosts.error();
  paste(*hosts, words[1]);
  return JsonObject().number("hosts", static_cast<std::int64_t>(hosts.value().size())).str();
}

Result<std::string> ControlDesk::send(const Words& words) {
  auto typed = type(words);
  if (typed) enter(*targets(words[0]));
  return typed;
}

Result<std::string> ControlDesk::broadcast(const Words& words) {
  const auto on = words.empty() ? std::optional(true) : switch_of(words[0]);
  if (!on) return usage("broadcast: on or off");
  if (!*on) dashboard_.leave_input();
  return *on ? act("broadcast", {}) : Result<std::string>(said());
}

// Of those that are named, or of all hosts, the ones that ask something.
Result<HostSet> ControlDesk::asking(const std::string& words) const {
  HostSet hosts;
  if (words == "all") hosts = HostSet::first(state_.host_count());
  for (const std::string& name : words == "all" ? Words() : comma_separated(words)) {
    const auto host = host_named(name);
    if (!host) return host.error();
    hosts.add(*host);
  }
  HostSet found;
  hosts.for_each([&](HostId host) {
    if (state_.status(host).asking) found.add(host);
  });
  if (!found.empty()) return found;
  return Error{ErrorKind::cancelled, "nothing is asked by '" + sanitised(words) + "'"};
}

// An empty answer is none: the question is refused, as with Escape in the dashboard.
Result<std::string> ControlDesk::answer(const Words& words) {
  const auto hosts = asking(words[0]);
  if (!hosts) return hosts.error();
  const std::string& text = words[1];
  bool shared = true;
  for (const HostId host : hosts->to_vector()) {
    const Prompt& prompt = *state_.status(host).asking;
    if (prompt.kind == Prompt::Kind::host_key && text != "yes" && text != "no")
      return usage("answer: a host key is accepted with yes or refused with no");
    shared = shared && prompt.shared;
  }
  source_.answer(*hosts, text.empty() ? std::nullopt : std::optional(Secret(text)), shared);
  return JsonObject().number("hosts", static_cast<std::int64_t>(hosts->size())).str();
}

// ---- acting -------------------------------------------------------------------------------------

Result<std::string> ControlDesk::select(const Words& words) {
  const auto host = host_named(words[0]);
  if (!host) return host.error();
  dashboard_.select(*host, model_.model());
  return said();
}

Result<std::string> ControlDesk::act(const std::string& name, const Words& words) {
  const tui::Binding* binding = binding_named(name);
  if (binding == nullptr) return usage("unknown command '" + sanitised(name) + "'");
  if (words.size() > 1) return usage(name + ": too many words");
  if (!words.empty())
    if (const auto selected = select(words); !selected) return selected;
  execute(dashboard_.act(binding->action, model_.model()));
  return said();
}

void ControlDesk::execute(std::vector<tui::Command> commands) {
  for (tui::Command& command : commands) executor_.execute(std::move(command));
}

// What the bottom line says, and who is typed to.
std::string ControlDesk::said() const {
  JsonObject object;
  object.text("mode", dashboard_.mode_text(model_.model()))
      .text("selected", state_.info(dashboard_.selected()).name);
  if (!dashboard_.notice().empty()) object.text("notice", dashboard_.notice());
  return object.str();
}

Result<std::string> ControlDesk::keep(const Words& words) {
  const auto on = switch_of(words[0]);
  if (!on) return usage("keep: on or off");
  if (const Status kept = source_.set_keep(*on); !kept) return kept.error();
  return JsonObject().flag("keep", source_.keep()).str();
}

Result<std::string> ControlDesk::masks(const Words& words) {
  if (words.empty()) return act("masks", {});
  const auto on = switch_of(words[0]);
  if (!on) return usage("masks: on or off");
  executor_.execute(tui::SetMasks{*on});
  return said();
}

Result<std::string> ControlDesk::detach(const Words&) {
  services_.detach();
  return std::string();
}

Result<std::string> ControlDesk::quit(const Words&) {
  services_.quit();
  return std::string();
}

}  // namespace bdsh::app
