#include "app/shell_watch.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace bdsh::app {
namespace {

bool ends_with_any(std::string_view line, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return line.ends_with(end); });
}

// "50%", "downloading 99.5%": progress, though zsh ends its prompts with the same sign.
bool ends_with_percentage(std::string_view line) {
  if (line.size() < 2 || line.back() != '%') return false;
  const std::size_t space = line.rfind(' ');
  const std::string_view word = line.substr(space == std::string_view::npos ? 0 : space + 1);
  return word.size() > 1 && word.find_first_not_of("0123456789.,") == word.size() - 1;
}

// U+2800 … U+28FF, the braille patterns that programs turn.
bool starts_with_spinner(std::string_view line) {
  return line.size() > 2 && line[0] == '\xE2' && line[1] >= '\xA0' && line[1] <= '\xA3';
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  return line;
}

}  // namespace

bool looks_like_prompt(std::string_view line) {
  line = trimmed(line);
  if (ends_with_percentage(line)) return false;
  if (line.starts_with("➜ ")) return true;  // oh-my-zsh's has nothing at its end
  return ends_with_any(line, {"$", "#", "%", ">", "❯", "»", "➜", "λ"});
}

std::string_view prompt_in(std::string_view line) {
  for (std::size_t at = line.find(' '); at != std::string_view::npos; at = line.find(' ', at + 1))
    if (looks_like_prompt(line.substr(0, at))) return line.substr(0, at);
  return looks_like_prompt(line) ? line : std::string_view();
}

bool looks_like_progress(std::string_view line) {
  line = trimmed(line);
  if (line.empty()) return false;
  if (ends_with_any(line, {"...", "…", "/s", " ETA", " |", " /", " -", " \\"})) return true;
  bool has_bar = false;
  for (const std::string_view piece : {"==", "##", "=>"}) {
    const std::size_t bar = line.find(piece);
    has_bar |= line.find('[') < bar && bar < line.rfind(']') && line.rfind(']') != line.npos;
  }
  const bool has_share = line.find("% ") != std::string_view::npos || ends_with_percentage(line);
  return has_bar || has_share || starts_with_spinner(line);
}

bool looks_like_question(std::string_view line) {
  const std::string text = lower(trimmed(line));
  if (text.empty()) return false;
  for (const std::string_view word : {"password", "passphrase", "passcode", "verification code", "otp"})
    if (text.find(word) != std::string::npos && text.back() == ':') return true;
  return ends_with_any(text, {"?", "[y/n]", "(y/n)", "[yes/no]", "(yes/no)", "[y/n]:", "(y/n):", "[y/n]?",
                              "(yes/no)?", "(yes/no):", "to continue", "to continue...", "(end)",
                              "--more--"}) ||
         text.starts_with("--more--");
}

void ShellWatch::on_output(Clock::time_point now) {
  last_output_ = now;
  heard_ = true;
}

void ShellWatch::on_marks(const std::vector<pty::ShellMark>& marks) {
  for (const pty::ShellMark& mark : marks) {
    mark_ = mark.kind;
    if (mark.kind == pty::ShellMark::Kind::command_end) exit_status_ = mark.exit_status;
  }
}

void ShellWatch::on_input(std::string_view open_line, bool enter) {
  if (!typing_) {
    prompt_ = open_line;
    typed_at_prompt_ = marks_say_prompt() || looks_like_prompt(open_line);
  }
  typing_ = !enter;
}

bool ShellWatch::marks_say_prompt() const {
  using Kind = pty::ShellMark::Kind;
  return mark_ == Kind::prompt_start || mark_ == Kind::command_start;
}

std::string_view ShellWatch::without_typed(std::string_view open_line) const {
  return typing_ && open_line.starts_with(prompt_) ? open_line.substr(0, prompt_.size()) : open_line;
}

ShellState ShellWatch::state(std::string_view open_line, bool full_screen,
                             Clock::time_point now) const {
  using Kind = pty::ShellMark::Kind;
  if (!heard_ || full_screen || open_line.empty()) return ShellState::busy;
  // The echo of what is typed is no output of a program: the shell does not leave its prompt.
  const bool typed_here = typing_ && open_line.starts_with(prompt_);
  if (typed_here && typed_at_prompt_) return ShellState::prompt;
  const auto quiet = now - last_output_;
  if (quiet < kQuiet) return ShellState::busy;
  if (marks_say_prompt()) return ShellState::prompt;
  if (looks_like_question(open_line)) return ShellState::asking;
  const bool marks_say_running = mark_ == Kind::output_start;
  if (!marks_say_running && looks_like_prompt(open_line)) return ShellState::prompt;
  if (looks_like_progress(open_line)) return ShellState::busy;
  return quiet >= kAskingQuiet ? ShellState::asking : ShellState::busy;
}

std::optional<Clock::time_point> ShellWatch::next_check(Clock::time_point now) const {
  if (!heard_) return std::nullopt;
  for (const auto pause : {kQuiet, kAskingQuiet})
    if (last_output_ + pause > now) return last_output_ + pause;
  return std::nullopt;
}

}  // namespace bdsh::app
