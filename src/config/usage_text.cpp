#include "config/usage_text.hpp"

#include <sstream>

#include "config/option_table.hpp"

namespace bdsh::config {
namespace {

constexpr std::size_t kColumn = 38;

constexpr const char* kTitle =
    "bdsh-tui - a live dashboard over many hosts: see what they agree on, act where they differ\n";

constexpr const char* kEnding = R"(
Every option has a variable, as $BDSH_THEME for --theme. The command line wins.
)";

constexpr const char* kExitCodes =
    R"(Exit codes: 0 all hosts succeeded, 1 error, 2 usage or configuration, 3 no host could be reached,
4 authentication failed, 5 the command failed everywhere, 10 some hosts failed.
)";

// "  NAME        text", the text below when the name is long.
std::string row_of(std::string name, const char* text) {
  std::string line = "  " + std::move(name);
  if (line.size() < kColumn)
    line.resize(kColumn, ' ');
  else
    line += "\n" + std::string(kColumn, ' ');
  return line + text + "\n";
}

// "-l, --login USER", and the column of options without a short name.
std::string synopsis(const OptionRow& row) {
  const std::string_view names = row.names;
  const bool has_short = names[1] != '-';
  std::string out = has_short ? std::string(names.substr(0, 2)) + ", " : "    ";
  out += long_name(row);
  if (row.argument != nullptr) out += std::string(" ") + row.argument;
  return out;
}

// "bdsh-tui watch [OPTIONS] DIR"
std::string synopsis(const Command& command) {
  std::string out = "bdsh-tui";
  if (command.name[0] != '\0') out += std::string(" ") + command.name;
  out += " [OPTIONS]";
  if (command.operands[0] != '\0') out += std::string(" ") + command.operands;
  if (command.command) out += " [-- COMMAND...]";
  return out;
}

std::string usage_of(const Command& command) {
  if (command.job != Job::run) return synopsis(command) + "\n\n" + command.summary + "\n";
  std::string out = kTitle + std::string("\nUsage:\n");
  for (const Command& one : commands()) out += row_of(synopsis(one), one.summary);
  return out;
}

std::string option_help(Job job) {
  std::string out;
  for (const Heading& heading : headings()) {
    std::string rows;
    for (const OptionRow& row : option_rows())
      if (row.section == heading.section && takes(job, row))
        rows += row_of(synopsis(row), row.help);
    if (!rows.empty()) out += std::string("\n") + heading.title + ":\n" + rows;
  }
  return out;
}

}  // namespace

std::string help_text(Job job) {
  const Command& command = command_of(job);
  std::string out = usage_of(command);
  if (command.examples[0] != '\0') out += std::string("\nExamples:\n") + command.examples;
  out += option_help(job) + kEnding;
  if (command.connects) out += kExitCodes;
  const std::string page = job == Job::run ? "" : std::string("-") + command.name;
  return out + "Manual: man bdsh-tui" + page + ". Configuration: docs/configuration.md.\n";
}

std::string options_mdoc(Job job) {
  std::string out;
  for (const OptionRow& row : option_rows()) {
    if (!takes(job, row)) continue;
    out += ".It";
    std::istringstream names(row.names);
    const char* between = " Fl ";
    for (std::string name; std::getline(names, name, ','); between = " , Fl ") {
      out += between + (name[1] == '-' ? "\\-" + name.substr(2) : name.substr(1));
      if (row.argument != nullptr) out += std::string(" Ar ") + row.argument;
    }
    out += std::string("\n") + row.help + ".\n";
    if (row.variable != nullptr) out += std::string("Variable:\n.Ev ") + row.variable + " .\n";
  }
  return out;
}

std::string commands_mdoc() {
  std::string out;
  for (const Command& command : commands().subspan(1))
    out += std::string(".It Xr bdsh-tui-") + command.name + " 1\n" + command.summary + ".\n";
  return out;
}

std::string version_text(const std::string& version) {
  return "bdsh-tui " + version + "\n";
}

}  // namespace bdsh::config
