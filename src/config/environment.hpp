// What the program was started in, as a value, so that everything in this layer can be tested
// without touching the real user's files.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "config/command_output.hpp"
#include "core/error.hpp"

namespace bdsh::config {

struct Environment {
  std::map<std::string, std::string, std::less<>> variables;
  std::string passwd_home;  // of the passwd entry: where ssh(1) looks for ~/.ssh, whatever $HOME is
  std::string user;         // the local login name; also the default remote user
  std::string host_name;    // gethostname(2)
  unsigned uid = 0;
  std::string ssh_system_directory = "/etc/ssh";
  std::string system_directory = "/etc";  // where other tools keep their groups
  // Runs a command of "Match exec" with the user's shell; true for exit status 0. Unset: such a
  // block never matches.
  std::function<bool(const std::string& command)> run;
  std::function<Result<std::string>(const CommandCall&)> output;  // of sources' commands
  std::function<Result<std::string>()> input;                     // all of standard input (-H -)
  std::chrono::system_clock::time_point now;                      // of the start

  const std::string* find(std::string_view variable) const;  // null when unset
  std::string home() const;                                  // $HOME, else passwd_home
  static Environment current();
};

// Replaces $NAME and ${NAME} ($$ is a dollar sign). An undefined variable is an error naming it.
Result<std::string> expand_variables(std::string_view text, const Environment& environment);
// The same for paths: also a leading "~" or "~/", and a relative path is taken from `base`
// (left relative when that is empty).
Result<std::string> expand_path(std::string_view text, const Environment& environment,
                                const std::string& base = {});

// The whole of a small text file. Directories, files that cannot be read and files beyond
// `max_bytes` are errors that name the path.
Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes = 8U << 20U);

}  // namespace bdsh::config
