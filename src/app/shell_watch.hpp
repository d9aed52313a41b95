// Decides from the outside whether a live host computes, sits at its shell's prompt, or waits for
// an answer. Prompts are recognised, never set: OSC 133 marks where the shell sends them, else
// the shape of the line the cursor is parked on. Pure: time is passed in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "pty/host_terminal.hpp"

namespace bdsh::app {

using Clock = std::chrono::steady_clock;

enum class ShellState { busy, prompt, asking };

class ShellWatch {
 public:
  // Output after which a host counts as quiet; a question needs the longer pause, since slow
  // programs print unfinished lines too.
  static constexpr std::chrono::milliseconds kQuiet{250};
  static constexpr std::chrono::milliseconds kAskingQuiet{1500};

  void on_output(Clock::time_point now);
  void on_marks(const std::vector<pty::ShellMark>& marks);
  // The user typed into this host: what the open line shows now is its prompt, what follows is
  // typed text. `enter`: the line is handed over to the program.
  void on_input(std::string_view open_line, bool enter);

  // `open_line`: the text before the cursor's end of line; empty when the cursor starts a line.
  ShellState state(std::string_view open_line, bool full_screen, Clock::time_point now) const;
  // The open line without what was typed after the prompt.
  std::string_view without_typed(std::string_view open_line) const;
  // Of the last command since forget_exit_status(), where the shell's marks say it.
  std::optional<int> last_exit_status() const { return exit_status_; }
  void forget_exit_status() { exit_status_.reset(); }
  // Whether what is typed, or was typed last, stands behind a shell's prompt.
  bool typed_at_prompt() const { return typed_at_prompt_; }
  // What the open line showed before the user typed into it.
  const std::string& prompt() const { return prompt_; }
  // When state() may change by time alone; nothing: only by output.
  std::optional<Clock::time_point> next_check(Clock::time_point now) const;

 private:
  bool marks_say_prompt() const;

  Clock::time_point last_output_{};
  bool heard_ = false;
  bool typing_ = false;
  bool typed_at_prompt_ = false;
  std::string prompt_;
  std::optional<pty::ShellMark::Kind> mark_;
  std::optional<int> exit_status_;
};

bool looks_like_prompt(std::string_view line);
// The prompt that a line begins with, which something was typed behind; empty: none.
std::string_view prompt_in(std::string_view line);
// A line that is still being written: progress bars, percentages, spinners, "…".
bool looks_like_progress(std::string_view line);
bool looks_like_question(std::string_view line);  // "Password:", "[y/N]", "continue?"

}  // namespace bdsh::app
