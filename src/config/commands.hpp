// The subcommands. One table (commands.cpp) holds them; the parser, --help, the man pages' synopsis
// and the completions come from it. Which options a subcommand takes is said in the option table
// (option_table.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bdsh::config {

enum class Job : std::uint8_t {
  run,  // no subcommand: the main job
  watch,
  runs,
  show,
  diff,
  export_,
  rm,
  prune,
  list,
  attach,
  ctl,
  ping,
  upload,
  download,
  help,     // --help: Options::helped says of which
  version,  // --version
};

// A set of jobs, as the option table uses it.
using Jobs = std::uint32_t;
constexpr Jobs only(Job job) {
  return Jobs{1} << static_cast<unsigned>(job);
}
template <typename... More>
constexpr Jobs only(Job first, More... more) {
  return only(first) | only(more...);
}

// What completion offers for a subcommand's operands.
enum class Operand : std::uint8_t { none, file, directory, run, host, group, word };

struct Command {
  Job job;
  const char* name;      // "" for the main job
  const char* operands;  // "DIR", "[GROUP]", "SRC... DEST"
  int least;             // operands
  int most;              // of them; kAnyNumber
  Operand kind;
  bool connects;  // hosts are chosen and connected to
  bool command;   // takes "-- COMMAND..."
  const char* summary;
  const char* examples;  // lines for --help, or ""
};
constexpr int kAnyNumber = 1 << 20;

std::span<const Command> commands();                 // the main job is the first
const Command& command_of(Job job);                  // of help and version: the main job
const Command* find_command(std::string_view name);  // nullptr: none of that name

}  // namespace bdsh::config
