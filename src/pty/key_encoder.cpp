#include "pty/key_encoder.hpp"

#include <algorithm>
#include <string_view>

namespace bdsh::pty {
namespace {

// xterm's modifier parameter: 1 + Shift 1 + Alt 2 + Ctrl 4.
int modifier(Mods mods) {
  return 1 + (mods.shift ? 1 : 0) + (mods.alt ? 2 : 0) + (mods.ctrl ? 4 : 0);
}

// Cursor keys, Home, End and F1…F4: CSI X or SS3 X; CSI 1 ; m X with modifiers.
std::string with_letter(char letter, bool application, Mods mods) {
  if (const int m = modifier(mods); m != 1) return "\x1b[1;" + std::to_string(m) + letter;
  return std::string(application ? "\x1bO" : "\x1b[") + letter;
}

// The editing pad and F5…F12: CSI n ~.
std::string with_number(int number, Mods mods) {
  std::string out = "\x1b[" + std::to_string(number);
  if (const int m = modifier(mods); m != 1) out += ';' + std::to_string(m);
  return out + '~';
}

char cursor_letter(KeyCode code) {
  switch (code) {
    case KeyCode::up:
      return 'A';
    case KeyCode::down:
      return 'B';
    case KeyCode::right:
      return 'C';
    case KeyCode::left:
      return 'D';
    case KeyCode::home:
      return 'H';
    case KeyCode::end:
      return 'F';
    default:
      return 0;
  }
}

int pad_number(KeyCode code) {
  switch (code) {
    case KeyCode::insert:
      return 2;
    case KeyCode::del:
      return 3;
    case KeyCode::page_up:
      return 5;
    case KeyCode::page_down:
      return 6;
    default:
      return 0;
  }
}

std::string function_key(KeyCode code, Mods mods) {
  const int n = static_cast<int>(code) - static_cast<int>(KeyCode::f1);
  if (n < 4) return with_letter("PQRS"[n], true, mods);
  constexpr int kNumbers[] = {15, 17, 18, 19, 20, 21, 23, 24};
  return with_number(kNumbers[n - 4], mods);
}

bool asked_for(const MouseEvent& mouse, MouseMode mode) {
  if (mode == MouseMode::press) return mouse.kind == MouseEvent::Kind::press;
  if (mouse.kind != MouseEvent::Kind::move) return mode != MouseMode::off;
  return mode == MouseMode::any || (mode == MouseMode::drag && mouse.button != 0);
}

int button_code(const MouseEvent& mouse, Mods mods) {
  int code = mouse.button > 0 ? mouse.button - 1 : 3;
  if (mouse.kind == MouseEvent::Kind::wheel_up) code = 64;
  if (mouse.kind == MouseEvent::Kind::wheel_down) code = 65;
  if (mouse.kind == MouseEvent::Kind::move) code += 32;
  return code + (mods.shift ? 4 : 0) + (mods.alt ? 8 : 0) + (mods.ctrl ? 16 : 0);
}

// The old form: three bytes, each 32 + value, no button on release, nothing beyond cell 223.
std::string x10_report(const MouseEvent& mouse, int code) {
  constexpr int kLastCell = 222;
  if (mouse.at.col > kLastCell || mouse.at.row > kLastCell) return {};
  if (mouse.kind == MouseEvent::Kind::release) code |= 3;
  std::string out = "\x1b[M";
  for (const int value : {code, mouse.at.col + 1, mouse.at.row + 1})
    out.push_back(static_cast<char>(32 + value));
  return out;
}

std::string mouse_report(const Key& key, const Modes& modes, Size size) {
  const MouseEvent& mouse = key.mouse;
  if (!asked_for(mouse, modes.mouse)) return {};
  if (!Rect{0, 0, size.rows.value, size.cols.value}.contains(mouse.at)) return {};
  const int code = button_code(mouse, key.mods);
  if (!modes.mouse_sgr) return x10_report(mouse, code);
  return "\x1b[<" + std::to_string(code) + ';' + std::to_string(mouse.at.col + 1) + ';' +
         std::to_string(mouse.at.row + 1) + (mouse.kind == MouseEvent::Kind::release ? 'm' : 'M');
}

std::string paste(const Key& key, const Modes& modes) {
  std::string text = without_paste_end(key.text);
  if (modes.bracketed_paste) return std::string(kPasteBegin) + text + std::string(kPasteEnd);
  // As if typed: Enter is CR.
  std::string typed;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\n')
      typed.push_back(text[i]);
    else if (i == 0 || text[i - 1] != '\r')
      typed.push_back('\r');
  return typed;
}

// A character with modifiers that its bytes cannot tell: where modifyOtherKeys is 1, those that
// have no bytes of their own (Ctrl-1), where it is 2, all but plain Shift. CSI 27 ; m ; code ~.
// An Escape before a character may be Alt with it or the Escape key and then the character: only
// the user's terminal could tell, and with it the host's program is left as it is without the mode.
bool is_other_key(const Key& key, int level) {
  if (level == 0 || !(key.mods.ctrl || key.mods.alt)) return false;
  if (key.mods.alt && !key.bytes.starts_with("\x1b[")) return false;
  const bool has_control = key.ch == U' ' || key.ch == U'?' || (key.ch >= U'@' && key.ch < 0x7F);
  return level == 2 || (key.mods.ctrl && !has_control);
}

std::string other_key(char32_t code, Mods mods) {
  return "\x1b[27;" + std::to_string(modifier(mods)) + ';' +
         std::to_string(static_cast<unsigned>(code)) + '~';
}

std::string text_key(const Key& key, const Modes& modes) {
  if (key.keypad && modes.application_keypad) {
    constexpr std::string_view kSigns = "*+,-./0123456789";
    const std::size_t at = kSigns.find(static_cast<char>(key.ch));
    return std::string("\x1bO") +
           (at == std::string_view::npos ? 'X' : static_cast<char>('j' + at));
  }
  return is_other_key(key, modes.other_keys) ? other_key(key.ch, key.mods) : key.bytes;
}

}  // namespace

std::string without_paste_end(std::string_view text) {
  // ESC [, and CSI as one C1 character in UTF-8 or as one byte.
  constexpr std::string_view kEnds[] = {"\x1b[201~",
                                        "\xC2\x9B"
                                        "201~",
                                        "\x9B"
                                        "201~"};
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    out.push_back(c);
    if (c != '~') continue;
    for (const std::string_view end : kEnds)
      if (std::string_view(out).ends_with(end)) {
        out.resize(out.size() - end.size());
        break;
      }
  }
  return out;
}

std::string encode_key(const Key& key, const Modes& modes, Size size) {
  if (const char letter = cursor_letter(key.code))
    return with_letter(letter, modes.application_cursor, key.mods);
  if (const int number = pad_number(key.code)) return with_number(number, key.mods);
  if (key.code >= KeyCode::f1 && key.code <= KeyCode::f12) return function_key(key.code, key.mods);
  switch (key.code) {
    case KeyCode::text:
      return text_key(key, modes);
    case KeyCode::paste:
      return paste(key, modes);
    case KeyCode::mouse:
      return mouse_report(key, modes, size);
    case KeyCode::focus_in:
      return modes.focus_reports ? "\x1b[I" : "";
    case KeyCode::backspace:
      return modes.backarrow_is_bs && key.bytes == "\x7f" ? "\b" : key.bytes;
    case KeyCode::focus_out:
      return modes.focus_reports ? "\x1b[O" : "";
    default:
      return key.bytes;
  }
}

}  // namespace bdsh::pty
