#include "config/run_commands.hpp"

#include "config/host_command.hpp"
#include "config/ssh_words.hpp"
#include "config/words.hpp"
#include "core/text.hpp"

namespace bdsh::config {
namespace {

// ":NAME ARG" as it was typed: what the run is called.
std::string shown_words(const std::vector<std::string>& words,
                        const std::vector<std::string>& more) {
  std::string out;
  for (const auto* list : {&words, &more})
    for (const std::string& word : *list) out += (out.empty() ? "" : " ") + word;
  return out;
}

Status add_template(const Options& options, const ConfigFile& file, Settings& out) {
  const std::string name = options.operands.front().substr(1);
  const CommandTemplate* command = file.command(name);
  if (command == nullptr) {
    std::vector<std::string_view> names;
    for (const CommandTemplate& one : file.commands) names.push_back(one.name);
    return Error{ErrorKind::usage, "there is no command '" + sanitised(name, 100) +
                                       "' in the configuration" + did_you_mean(name, names)};
  }
  std::vector<std::string> arguments(options.operands.begin() + 1, options.operands.end());
  arguments.insert(arguments.end(), options.words.begin(), options.words.end());
  if (const auto ok = check_arguments(*command, arguments); !ok) return ok;
  for (std::size_t i = 0; i < out.hosts.size(); ++i)
    out.commands.push_back(
        fill_template(*command, arguments, {out.hosts[i].name, out.hosts[i].user, i + 1}));
  out.command = shown_words(options.operands, options.words);
  out.confirm = command->confirm && !options.yes;
  return Done{};
}

Status add_script(const Options& options, Settings& out) {
  const auto text = read_text_file(*options.script);
  if (!text) return Error{ErrorKind::usage, "--script: " + text.error().message};
  const std::string name = options.script->substr(options.script->rfind('/') + 1);
  const auto command = script_command(name, *text, options.words);
  if (!command) return command.error();
  out.commands.assign(out.hosts.size(), *command);
  out.script = true;
  out.command = shown_words({name}, options.words);
  return Done{};
}

}  // namespace

Status add_commands(const Options& options, const ConfigFile& file,
                    const std::vector<std::string>& lines, Settings& out) {
  if (!options.operands.empty() && options.job == Job::run)
    if (const auto ok = add_template(options, file, out); !ok) return ok;
  if (options.script)
    if (const auto ok = add_script(options, out); !ok) return ok;
  for (std::size_t i = 0; i < out.hosts.size(); ++i) {
    if (lines[i].empty()) continue;
    const auto command = out.commands.empty() ? out.command : std::optional(out.commands[i]);
    auto line = fill_command(lines[i], out.hosts[i], command);
    if (!line) return line.error();
    out.hosts[i].terminal_command = std::move(*line);
  }
  return Done{};
}

Status add_commands_again(const Again& again, const Options& options, const ConfigFile& file,
                          Settings& out) {
  for (const HostSpec& host : out.hosts) {
    const auto command = again.commands.find(host.expression);
    if (command == again.commands.end() || !host.terminal_command.empty())
      return Error{ErrorKind::usage, "--rerun: what " + host.name + " got is not known: give '" +
                                         sanitised(again.command.value_or(""), 200) + "' again"};
    out.commands.push_back(command->second);
  }
  out.script = again.script;
  const std::string name =
      again.command.value_or("").substr(0, again.command.value_or("").find(' '));
  const CommandTemplate* known = name.starts_with(':') ? file.command(name.substr(1)) : nullptr;
  out.confirm = known != nullptr && known->confirm && !options.yes;
  return Done{};
}

}  // namespace bdsh::config
