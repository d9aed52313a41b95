// What the interpreter answers, and strings (OSC, DCS).
#include "pty/interpreter.hpp"

#include <charconv>

#include "core/text.hpp"
#include "pty/pen.hpp"

namespace bdsh::pty {

void Interpreter::reply(std::string_view text) {
  if (result_->replies.size() + text.size() <= kMaxReplies) result_->replies += text;
}

void Interpreter::report_mode(const Csi& csi) {
  const bool is_private = csi.leader == '?';
  const int mode = csi.value(0, 0);
  const int state = is_private ? private_mode_state(mode) : ansi_mode_state(mode);
  reply(std::string("\x1b[") + (is_private ? "?" : "") + std::to_string(mode) + ';' +
        std::to_string(state) + "$y");
}

void Interpreter::report_status(int what, bool is_private) {
  if (what == 5 && !is_private) reply("\x1b[0n");
  if (what != 6) return;
  const int top = modes_.origin ? screen_.region_top : 0;
  const int left = modes_.origin && modes_.side_margins ? left_margin_ : 0;
  reply(std::string("\x1b[") + (is_private ? "?" : "") +
        std::to_string(screen_.cursor.row - top + 1) + ';' +
        std::to_string(screen_.cursor.col - left + 1) + 'R');
}

// DECRQSS: the setting as the sequence that would make it.
void Interpreter::report_setting(std::string_view what) {
  std::string setting;
  if (what == "m") setting = sgr_params(screen_.pen);
  if (what == "r")
    setting = std::to_string(screen_.region_top + 1) + ';' + std::to_string(screen_.region_bottom);
  if (what == "s") setting = std::to_string(left_margin_ + 1) + ';' + std::to_string(right_margin_);
  if (what == " q")
    setting =
        std::to_string(2 * static_cast<int>(modes_.cursor_shape) + (modes_.cursor_blink ? 1 : 2));
  if (what == "\"p") setting = "62;1";
  reply(setting.empty() ? "\x1bP0$r\x1b\\" : "\x1bP1$r" + setting + std::string(what) + "\x1b\\");
}

void Interpreter::dcs(std::string_view text) {
  if (text.starts_with("$q")) report_setting(text.substr(2));
}

// --- Operating system commands ------------------------------------------------------------------

// Titles are taken, shell marks are kept; links (8), colours and the clipboard (52) are not acted
// on.
void Interpreter::osc(std::string_view text) {
  if (text.starts_with("0;") || text.starts_with("2;")) set_title(text.substr(2));
  if (text.starts_with("133;")) shell_mark(text.substr(4));
}

void Interpreter::set_title(std::string_view text) {
  std::string title = sanitised(text, kMaxTitle);
  if (title == title_) return;
  title_ = std::move(title);
  result_->title_changed = true;
}

void Interpreter::shell_mark(std::string_view text) {
  if (text.empty() || screen_.alternate()) return;
  ShellMark mark{};
  switch (text[0]) {
    case 'A':
      mark.kind = ShellMark::Kind::prompt_start;
      break;
    case 'B':
      mark.kind = ShellMark::Kind::command_start;
      break;
    case 'C':
      mark.kind = ShellMark::Kind::output_start;
      break;
    case 'D':
      mark.kind = ShellMark::Kind::command_end;
      break;
    default:
      return;
  }
  mark.line = screen_.open_line();
  int status = 0;
  if (text.starts_with("D;") &&
      std::from_chars(text.data() + 2, text.data() + text.size(), status).ec == std::errc())
    mark.exit_status = status;
  result_->marks.push_back(mark);
}

}  // namespace bdsh::pty
