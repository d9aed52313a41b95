// What a host is told to run, where it is not the same for all: templates of the configuration and
// local scripts. Every value that is put in is one word of a POSIX shell, whatever it holds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"

namespace bdsh::config {

// `commands: {NAME: {run: "systemctl {action} {unit}", args: [action, unit], confirm: true}}`
struct CommandTemplate {
  std::string name;
  std::string run;                // "{host}", "{user}", "{n}", "{ARG}", "{args}"; "{{" is a brace
  std::vector<std::string> args;  // names; as many words have to be given, unless {args} takes all
  bool confirm = false;           // ask before it runs
  int line = 0;
};

struct HostFields {
  std::string host;
  std::string user;
  std::size_t number = 0;  // in the run, from 1
};

// The error names the field that there is not.
Status check_template(const CommandTemplate& command);
// How many words it takes is checked; ErrorKind::usage.
Status check_arguments(const CommandTemplate& command, const std::vector<std::string>& arguments);
// Both have been checked.
std::string fill_template(const CommandTemplate& command, const std::vector<std::string>& arguments,
                          const HostFields& fields);

// A command that runs the script with these arguments and leaves no file behind. `name` is its $0.
// sh and its kin get it as -c; another interpreter of the "#!" line gets a private file that is
// removed when it ends. Up to 96 KiB, as it travels in the command; no NUL. ErrorKind::usage.
Result<std::string> script_command(const std::string& name, const std::string& text,
                                   const std::vector<std::string>& arguments);

}  // namespace bdsh::config
