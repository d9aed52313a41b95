#include "app/question.hpp"

#include "core/fold.hpp"
#include "core/text.hpp"

namespace bdsh::app {
namespace {

HostSet asking(const RunState& state, const Prompt& prompt) {
  HostSet hosts;
  for (std::size_t i = 0; i < state.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    if (state.status(id).asking == prompt) hosts.add(id);
  }
  return hosts;
}

std::string names_of(const RunState& state, const HostSet& hosts) {
  std::vector<std::string> names;
  hosts.for_each([&](HostId host) { names.push_back(state.info(host).name); });
  return sanitised(fold_names(names), 120);
}

std::string text_of(const RunState& state, const Question& question) {
  const std::string words = sanitised(question.prompt.text);
  const std::string names = names_of(state, question.hosts);
  const std::size_t count = question.hosts.size();
  if (question.prompt.kind == Prompt::Kind::host_key)
    return names + ": " + words + " " + sanitised(question.prompt.subject) + " (yes/no)?";
  if (count == 1) return words + " on " + names + ":";
  return words + ": " + std::to_string(count) + " hosts (" + names + "):";
}

std::vector<std::string> lines_of(const RunState& state, const Question& question) {
  const std::string& says = question.prompt.says;
  if (says.empty()) return {};
  std::vector<std::string> lines{names_of(state, question.hosts) +
                                 (question.hosts.size() == 1 ? " says:" : " say:")};
  for (std::size_t at = 0; at <= says.size();) {
    const std::size_t end = std::min(says.find('\n', at), says.size());
    lines.push_back("| " + sanitised(says.substr(at, end - at)));
    at = end + 1;
  }
  return lines;
}

}  // namespace

std::optional<Question> next_question(const RunState& state) {
  for (std::size_t i = 0; i < state.host_count(); ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    const std::optional<Prompt>& prompt = state.status(id).asking;
    if (!prompt) continue;
    Question question{*prompt, prompt->shared ? asking(state, *prompt) : HostSet::of(id), {}, {}};
    question.lines = lines_of(state, question);
    question.text = text_of(state, question);
    return question;
  }
  return {};
}

HostSet still_asking(const RunState& state, const Question& question) {
  const HostSet now = asking(state, question.prompt);
  return question.prompt.shared ? now : now & question.hosts;
}

}  // namespace bdsh::app
