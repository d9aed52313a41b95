// The completions of bash, zsh and fish, from the tables that the parser uses.
//   make_completions bash|zsh|fish > FILE
// The names of groups, hosts and runs come from the program itself, when they are asked for.
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/option_table.hpp"
#include "core/text.hpp"

namespace {

using namespace bdsh;          // NOLINT: one program, one file
using namespace bdsh::config;  // NOLINT

std::vector<std::string> names_of(const OptionRow& row) {
  std::vector<std::string> names;
  std::istringstream text(row.names);
  for (std::string name; std::getline(text, name, ',');) names.push_back(name);
  return names;
}

// What the shell offers for an option's value, by what its help calls it.
const char* kind_of(std::string_view argument) {
  if (argument == "GROUP") return "groups";
  if (argument == "LIST" || argument == "HOSTS") return "hosts";
  const bool path = argument.find("FILE") != argument.npos || argument == "DIR" ||
                    argument == "PATH" || argument == "KEY" || argument == "PROGRAM";
  return path ? "files" : "nothing";
}

const char* kind_of(Operand operand) {
  switch (operand) {
    case Operand::file: case Operand::directory: return "files";
    case Operand::run: return "runs";
    case Operand::host: return "hosts";
    case Operand::group: return "groups";
    case Operand::none: case Operand::word: break;
  }
  return "nothing";
}

std::string option_words(const Command& command) {
  std::string words;
  for (const OptionRow& row : option_rows())
    if (takes(command.job, row))
      for (const std::string& name : names_of(row)) words += (words.empty() ? "" : " ") + name;
  return words;
}

std::string subcommand_words() {
  std::string words;
  for (const Command& command : commands().subspan(1))
    words += std::string(words.empty() ? "" : " ") + command.name;
  return words;
}

// "    -g|--group) kind=groups ;;" for every option with a value.
std::string value_cases() {
  std::string cases;
  for (const OptionRow& row : option_rows()) {
    if (row.argument == nullptr) continue;
    std::string names;
    for (const std::string& name : names_of(row)) names += (names.empty() ? "" : "|") + name;
    cases += "    " + names + ") kind=" + kind_of(row.argument) + " ;;\n";
  }
  return cases;
}

std::string command_cases() {
  std::string cases;
  for (const Command& command : commands()) {
    const std::string name = command.name[0] == '\0' ? "''" : command.name;
    cases += "    " + name + ") options='" + option_words(command) + "' operands=" +
             kind_of(command.kind) + " ;;\n";
  }
  return cases;
}

// One function for bash; zsh runs it too, with its bashcompinit.
std::string bash_function() {
  return R"sh(_bdsh_tui_names() {
  case $1 in
    groups) bdsh-tui list --names 2>/dev/null ;;
    hosts) bdsh-tui list --names --all 2>/dev/null ;;
    runs) bdsh-tui runs --names 2>/dev/null; echo last ;;
  esac
}

_bdsh_tui() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command='' options operands kind='' i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    [[ ${COMP_WORDS[i]} == -- ]] && { compopt -o default 2>/dev/null; return; }
  done
  (( COMP_CWORD > 1 )) && [[ " )sh" + subcommand_words() + R"sh( " == *" ${COMP_WORDS[1]} "* ]] && command=${COMP_WORDS[1]}
  case $command in
)sh" + command_cases() + R"sh(  esac
  case $before in
)sh" + value_cases() + R"sh(  esac
  if [[ -z $kind ]]; then
    if [[ $word == -* ]]; then
      COMPREPLY=($(compgen -W "$options" -- "$word"))
      return
    fi
    if (( COMP_CWORD == 1 )); then
      COMPREPLY=($(compgen -W ")sh" + subcommand_words() + R"sh(" -- "$word"))
      return
    fi
    kind=$operands
  fi
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    nothing) ;;
    *) # The last of a list; only names that a shell cannot take for anything else.
      local head=''
      [[ $kind == hosts && $word == *,* ]] && { head=${word%,*},; word=${word##*,}; }
      COMPREPLY=($(compgen -P "$head" -W "$(_bdsh_tui_names "$kind" | grep -E '^[A-Za-z0-9._:@+-]+$')" -- "$word")) ;;
  esac
}
)sh";
}

std::string for_bash() {
  return "# bash completion for bdsh-tui, made from the program's tables.\n" + bash_function() +
         "complete -F _bdsh_tui bdsh-tui\n";
}

std::string for_zsh() {
  return "#compdef bdsh-tui\n# Made from the program's tables; the function is bash's, run by bashcompinit.\n"
         "autoload -U +X bashcompinit && bashcompinit\n" + bash_function() +
         "complete -F _bdsh_tui bdsh-tui\n";
}

std::string fish_values(std::string_view kind) {
  if (kind == "groups") return " -x -a '(bdsh-tui list --names 2>/dev/null)'";
  if (kind == "hosts") return " -x -a '(bdsh-tui list --names --all 2>/dev/null)'";
  if (kind == "runs") return " -x -a '(bdsh-tui runs --names 2>/dev/null; echo last)'";
  return kind == "files" ? " -r -F" : " -x";
}

std::string fish_option(const Command& command, const OptionRow& row) {
  const std::string when = command.name[0] == '\0' ? "__fish_use_subcommand"
                                                   : std::string("__fish_seen_subcommand_from ") + command.name;
  std::string line = "complete -c bdsh-tui -n '" + when + "'";
  for (const std::string& name : names_of(row))
    line += name[1] == '-' ? " -l " + name.substr(2) : " -s " + name.substr(1);
  line += " -d " + shell_quoted(row.help);
  return line + (row.argument == nullptr ? "" : fish_values(kind_of(row.argument))) + "\n";
}

std::string for_fish() {
  std::string out = "# fish completion for bdsh-tui, made from the program's tables.\ncomplete -c bdsh-tui -f\n";
  for (const Command& command : commands()) {
    if (command.name[0] != '\0') {
      out += std::string("complete -c bdsh-tui -n __fish_use_subcommand -a ") + command.name + " -d " +
             shell_quoted(command.summary) + "\n";
      if (command.kind != Operand::none)
        out += std::string("complete -c bdsh-tui -n '__fish_seen_subcommand_from ") + command.name + "'" +
               fish_values(kind_of(command.kind)) + "\n";
    }
    for (const OptionRow& row : option_rows())
      if (takes(command.job, row)) out += fish_option(command, row);
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view shell = argc == 2 ? argv[1] : "";
  if (shell == "bash") std::cout << for_bash();
  else if (shell == "zsh") std::cout << for_zsh();
  else if (shell == "fish") std::cout << for_fish();
  else throw std::runtime_error("usage: make_completions bash|zsh|fish");
  return std::cout.flush() ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "make_completions: " << error.what() << '\n';
  return 1;
}
