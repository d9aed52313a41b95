#include "config/host_command.hpp"

#include <algorithm>
#include <functional>

#include "core/text.hpp"

namespace bdsh::config {
namespace {

constexpr std::size_t kLargestScript = 96U << 10U;  // a word of exec(3) holds 128 KiB

Error usage(const std::string& what) {
  return {ErrorKind::usage, sanitised(what, 1000)};
}

bool name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Calls text(part) and field(name) for the parts of a template. Braces around anything but a name,
// as awk has them, are text.
void parts_of(const std::string& run, const std::function<void(std::string_view)>& text,
              const std::function<void(const std::string&)>& field) {
  const std::string_view all = run;
  for (std::size_t at = 0; at < run.size();) {
    if (run[at] != '{' && run[at] != '}') {
      const std::size_t end = std::min(run.size(), run.find_first_of("{}", at));
      text(all.substr(at, end - at));
      at = end;
      continue;
    }
    if (at + 1 < run.size() && run[at + 1] == run[at]) {
      text(all.substr(at, 1));
      at += 2;
      continue;
    }
    std::size_t end = at + 1;
    while (end < run.size() && name_char(run[end])) ++end;
    if (run[at] == '{' && end > at + 1 && end < run.size() && run[end] == '}') {
      field(run.substr(at + 1, end - at - 1));
      at = end + 1;
    } else {
      text(all.substr(at++, 1));
    }
  }
}

std::string quoted(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + shell_quoted(word);
  return out;
}

bool takes_all(const CommandTemplate& command) {
  bool all = false;
  parts_of(command.run, [](std::string_view) {}, [&](const std::string& name) { all = all || name == "args"; });
  return all;
}

// The interpreter that "#!" names, its words; sh without one.
std::vector<std::string> interpreter_of(const std::string& text) {
  if (!text.starts_with("#!")) return {"/bin/sh"};
  const std::string line = text.substr(2, text.find_first_of("\r\n") - 2);
  std::vector<std::string> words;
  for (std::size_t at = line.find_first_not_of(" \t"); at < line.size();
       at = line.find_first_not_of(" \t", at)) {
    // The kernel hands on all behind the first blank as one word.
    const std::size_t end = words.empty() ? std::min(line.size(), line.find_first_of(" \t", at))
                                          : line.find_last_not_of(" \t") + 1;
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words.empty() ? std::vector<std::string>{"/bin/sh"} : words;
}

// A shell that takes a script as the word behind -c; "env bash" counts as bash.
bool is_shell(const std::vector<std::string>& words) {
  std::string program = words.front().substr(words.front().rfind('/') + 1);
  if (program == "env" && words.size() == 2) program = words[1];
  else if (words.size() > 1) return false;
  static constexpr std::string_view kShells[] = {"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"};
  return std::find(std::begin(kShells), std::end(kShells), program) != std::end(kShells);
}

// $1 is the script, then come the interpreter's words and "--", then the arguments.
constexpr const char* kFromFile =
    "umask 077; f=$(mktemp \"${TMPDIR:-/tmp}/bdsh.XXXXXXXX\") || exit 125; "
    "trap 'rm -f \"$f\"' EXIT; trap 'exit 129' HUP; trap 'exit 130' INT; trap 'exit 143' TERM; "
    "printf %s \"$1\" >\"$f\" || exit 125; shift; n=$1; shift; "
    "if [ \"$n\" = 1 ]; then i=$1; shift; \"$i\" \"$f\" \"$@\"; "
    "else i=$1; j=$2; shift 2; \"$i\" \"$j\" \"$f\" \"$@\"; fi";

}  // namespace

Status check_template(const CommandTemplate& command) {
  std::string unknown;
  parts_of(
      command.run, [](std::string_view) {},
      [&](const std::string& name) {
        const bool known = name == "host" || name == "user" || name == "n" || name == "args" ||
                           std::find(command.args.begin(), command.args.end(), name) != command.args.end();
        if (!known && unknown.empty()) unknown = name;
      });
  if (unknown.empty()) return Done{};
  return Error{ErrorKind::config, "there is no field {" + unknown + "}: name it under args, or write {{" + unknown + "}}"};
}

Status check_arguments(const CommandTemplate& command, const std::vector<std::string>& arguments) {
  const bool enough = arguments.size() >= command.args.size();
  if (enough && (arguments.size() == command.args.size() || takes_all(command))) return Done{};
  std::string names;
  for (const std::string& name : command.args) names += " " + name;
  return usage(":" + command.name + " takes" + (names.empty() ? " no arguments" : ":" + names));
}

std::string fill_template(const CommandTemplate& command, const std::vector<std::string>& arguments,
                          const HostFields& fields) {
  std::string out;
  const auto value = [&](const std::string& name) {
    if (name == "host") return shell_quoted(fields.host);
    if (name == "user") return shell_quoted(fields.user);
    if (name == "n") return std::to_string(fields.number);
    if (name == "args")
      return quoted({arguments.begin() + static_cast<std::ptrdiff_t>(command.args.size()), arguments.end()});
    const auto place = std::find(command.args.begin(), command.args.end(), name);
    return shell_quoted(arguments[static_cast<std::size_t>(place - command.args.begin())]);
  };
  parts_of(
      command.run, [&](std::string_view text) { out += text; },
      [&](const std::string& name) { out += value(name); });
  return out;
}

Result<std::string> script_command(const std::string& name, const std::string& text,
                                   const std::vector<std::string>& arguments) {
  if (text.find('\0') != std::string::npos) return usage("--script: " + name + " is no text");
  if (text.size() > kLargestScript)
    return usage("--script: " + name + " is larger than 96 KiB: copy it to the hosts instead");
  const std::vector<std::string> words = interpreter_of(text);
  std::vector<std::string> call;
  if (is_shell(words)) {
    call = words;
    call.insert(call.end(), {"-c", text, name});
  } else {
    call = {"/bin/sh", "-c", kFromFile, name, text, std::to_string(words.size())};
    call.insert(call.end(), words.begin(), words.end());
  }
  call.insert(call.end(), arguments.begin(), arguments.end());
  return "exec " + quoted(call);
}

}  // namespace bdsh::config
