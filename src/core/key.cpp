#include "core/key.hpp"

#include "core/cell.hpp"

namespace bdsh {

Key Key::character(char32_t ch, Mods mods) {
  Key key;
  key.code = KeyCode::text;
  key.mods = mods;
  key.ch = ch;
  if (mods.alt) key.bytes.push_back('\x1b');
  if (mods.ctrl && ch < 0x80)
    key.bytes.push_back(ch == U'?' ? '\x7f' : static_cast<char>(ch & 0x1FU));
  else
    append_utf8(ch, key.bytes);
  return key;
}

Key Key::special(KeyCode code, Mods mods) {
  Key key;
  key.code = code;
  key.mods = mods;
  const int number = 1 + (mods.shift ? 1 : 0) + (mods.alt ? 2 : 0) + (mods.ctrl ? 4 : 0);
  const auto csi = [&](const char* plain, char final) {
    key.bytes = number == 1 ? std::string("\x1b[") + plain + final
                            : "\x1b[" + (*plain == '\0' ? std::string("1") : std::string(plain)) +
                                  ";" + std::to_string(number) + final;
  };
  switch (code) {
    case KeyCode::enter: key.bytes = "\r"; break;
    case KeyCode::tab: key.bytes = mods.shift ? "\x1b[Z" : "\t"; break;
    case KeyCode::backspace: key.bytes = "\x7f"; break;
    case KeyCode::escape: key.bytes = "\x1b"; break;
    case KeyCode::up: csi("", 'A'); break;
    case KeyCode::down: csi("", 'B'); break;
    case KeyCode::right: csi("", 'C'); break;
    case KeyCode::left: csi("", 'D'); break;
    case KeyCode::home: csi("", 'H'); break;
    case KeyCode::end: csi("", 'F'); break;
    case KeyCode::insert: csi("2", '~'); break;
    case KeyCode::del: csi("3", '~'); break;
    case KeyCode::page_up: csi("5", '~'); break;
    case KeyCode::page_down: csi("6", '~'); break;
    case KeyCode::f1: if (number == 1) key.bytes = "\x1bOP"; else csi("", 'P'); break;
    case KeyCode::f2: if (number == 1) key.bytes = "\x1bOQ"; else csi("", 'Q'); break;
    case KeyCode::f3: if (number == 1) key.bytes = "\x1bOR"; else csi("", 'R'); break;
    case KeyCode::f4: if (number == 1) key.bytes = "\x1bOS"; else csi("", 'S'); break;
    case KeyCode::f5: csi("15", '~'); break;
    case KeyCode::f6: csi("17", '~'); break;
    case KeyCode::f7: csi("18", '~'); break;
    case KeyCode::f8: csi("19", '~'); break;
    case KeyCode::f9: csi("20", '~'); break;
    case KeyCode::f10: csi("21", '~'); break;
    case KeyCode::f11: csi("23", '~'); break;
    case KeyCode::f12: csi("24", '~'); break;
    case KeyCode::text: case KeyCode::paste: case KeyCode::mouse: case KeyCode::focus_in:
    case KeyCode::focus_out: case KeyCode::unknown: break;
  }
  return key;
}

}  // namespace bdsh
