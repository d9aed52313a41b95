// The table of options: names, help, variable, which subcommands take them, and what each sets.
// The parser, --help, the man pages' OPTIONS and the completions come from it.
#pragma once

#include <span>
#include <string>

#include "config/commands.hpp"
#include "config/options.hpp"

namespace bdsh::config {

enum class Section { hosts, connection, run, screen, other };
enum class Takes { nothing, one, many };  // many: the option may be repeated

struct OptionRow {
  Section section;
  Jobs jobs;             // the subcommands that take it
  const char* names;     // as CLI11 reads them: "-l,--login,--user"
  const char* argument;  // nullptr: none
  Takes takes;
  const char* help;
  const char* variable;  // nullptr: none
  Status (*set)(Options& into, const std::string& value);
};

struct Heading {
  Section section;
  const char* title;
};

// A variable of another tool that means the same as an option.
struct Alias {
  const char* variable;
  const char* option;
};

std::span<const OptionRow> option_rows();
std::span<const Heading> headings();
std::span<const Alias> variable_aliases();

std::string long_name(const OptionRow& row);  // the one that messages use: the first long one
bool takes(Job job, const OptionRow& row);    // whether the subcommand has this option
Error usage(const std::string& what);         // ErrorKind::usage, sanitised

}  // namespace bdsh::config
