// What the interpreter answers, and strings (OSC, DCS).
#include "pty/interpreter.hpp"

#include <algorithm>
#include <cctype>
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

std::string Interpreter::position() const {
  const bool from_margins = modes_.origin;
  const int top = from_margins ? screen_.region_top : 0;
  const int left = from_margins ? screen_.region_left : 0;
  return std::to_string(screen_.cursor.row - top + 1) + ';' +
         std::to_string(screen_.cursor.col - left + 1);
}

void Interpreter::report_status(int what) {
  if (what == 5) reply("\x1b[0n");
  if (what == 6) reply("\x1b[" + position() + 'R');
}

// DSR with a question mark: there is no printer, no locator, no macro and no second session.
void Interpreter::report_device_status(const Csi& csi) {
  switch (csi.value(0, 0)) {
    case 6:
      return reply("\x1b[?" + position() + 'R');
    case 15:
      return reply("\x1b[?13n");
    case 25:  // function keys are locked
      return reply("\x1b[?21n");
    case 26:  // a North American keyboard, ready
      return reply("\x1b[?27;1;0;0n");
    case 53:
    case 55:
      return reply("\x1b[?50n");
    case 56:
      return reply("\x1b[?57;0n");
    case 62:
      return reply("\x1b[0*{");
    case 63:
      return reply("\x1bP" + std::to_string(csi.value(1, 0)) + "!~0000\x1b\\");
    case 75:
      return reply("\x1b[?70n");
    case 85:
      return reply("\x1b[?83n");
    default:
      break;
  }
}

std::string Interpreter::setting(std::string_view what) {
  const Size size = screen_.size();
  if (what == "m") return sgr_params(screen_.pen);
  if (what == "r")
    return std::to_string(screen_.region_top + 1) + ';' + std::to_string(screen_.region_bottom);
  if (what == "s")
    return std::to_string(screen_.region_left + 1) + ';' + std::to_string(screen_.region_right);
  if (what == "t" || what == "*|") return std::to_string(size.rows.value);
  if (what == "$|") return std::to_string(size.cols.value);
  if (what == " q")
    return std::to_string(2 * static_cast<int>(modes_.cursor_shape) +
                          (modes_.cursor_blink ? 1 : 2));
  if (what == "\"q") return screen_.pen.guarded ? "1" : "0";
  if (what == "*x") return modes_.rectangular_change ? "2" : "1";
  if (what == "\"p") return std::to_string(level_) + ";1";
  return {};
}

// DECRQSS: the setting as the sequence that would make it.
void Interpreter::report_setting(std::string_view what) {
  const std::string now = setting(what);
  reply(now.empty() ? "\x1bP0$r\x1b\\" : "\x1bP1$r" + now + std::string(what) + "\x1b\\");
}

void Interpreter::dcs(std::string_view text) {
  if (text.starts_with("$q")) report_setting(text.substr(2));
}

// --- Operating system commands ------------------------------------------------------------------

// Titles and the directory's host are taken, shell marks are kept, what is for the clipboard (52) is
// handed on; links (8) and colours are not acted on.
void Interpreter::osc(std::string_view text) {
  if (text.starts_with("0;") || text.starts_with("2;")) set_title(text.substr(2));
  if (text.starts_with("7;")) set_directory(text.substr(2));
  if (text.starts_with("133;")) shell_mark(text.substr(4));
  if (text.starts_with("52;")) take_clipboard(text.substr(3));
}

// Which of X's selections it is for makes no difference; "?" would tell the host what is there.
void Interpreter::take_clipboard(std::string_view text) {
  const std::size_t data = text.find(';');
  if (data == std::string_view::npos || text.substr(data + 1) == "?") return;
  result_->clipboard = text.substr(data + 1);
}

void Interpreter::set_title(std::string_view text) {
  std::string title = sanitised(text, kMaxTitle);
  if (title == title_) return;
  title_ = std::move(title);
  result_->title_changed = true;
}

// file://HOST/PATH, as shells and vte.sh send it. A URL without a host, or with a strange one, says
// nothing.
void Interpreter::set_directory(std::string_view url) {
  if (!url.starts_with("file://")) return;
  const std::string_view host = url.substr(7, std::min(url.find('/', 7), url.size()) - 7);
  const bool plain = std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return (c < 128 && std::isalnum(c) != 0) || c == '-' || c == '.' || c == '_';
  });
  if (host.empty() || host.size() > kMaxTitle || !plain || host == url_host_) return;
  url_host_ = host;
  result_->url_host_changed = true;
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
