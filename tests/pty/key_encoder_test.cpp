#include "pty/key_encoder.hpp"

#include <gtest/gtest.h>

#include "pty/host_terminal.hpp"

namespace bdsh::pty {
namespace {

// What the key is to a program that has printed `modes`.
std::string sent(const std::string& modes, const Key& key) {
  CellTables tables;
  HostTerminal terminal(tables, {{Rows{24}, Cols{80}}});
  terminal.feed(modes);
  return terminal.encode(key);
}

Key pasted(const std::string& text) {
  Key key;
  key.code = KeyCode::paste;
  key.text = text;
  return key;
}

Key mouse(MouseEvent::Kind kind, int button, Point at, Mods mods = {}) {
  Key key;
  key.code = KeyCode::mouse;
  key.mouse = {kind, button, at};
  key.mods = mods;
  return key;
}

constexpr auto kPress = MouseEvent::Kind::press;
constexpr auto kRelease = MouseEvent::Kind::release;
constexpr auto kMove = MouseEvent::Kind::move;

TEST(KeyEncoder, TextAndControlBytesGoAsTheyCame) {
  EXPECT_EQ(sent("", Key::character(U'é')), "é");
  EXPECT_EQ(sent("", Key::ctrl('i')), "\t");
  Key alt_x;
  alt_x.code = KeyCode::text;
  alt_x.bytes = "\x1bx";
  EXPECT_EQ(sent("\x1b[?1h", alt_x), "\x1bx");
  Key unknown;
  unknown.bytes = "\x1b[99~";
  EXPECT_EQ(sent("", unknown), "\x1b[99~");
  EXPECT_EQ(sent("", Key::special(KeyCode::enter)), "\r");
}

TEST(KeyEncoder, CursorKeysFollowTheHostsMode) {
  const Key up = Key::special(KeyCode::up);
  EXPECT_EQ(sent("", up), "\x1b[A");
  EXPECT_EQ(sent("\x1b[?1h", up), "\x1bOA");
  EXPECT_EQ(sent("\x1b[?1h\x1b[?1l", up), "\x1b[A");
  EXPECT_EQ(sent("\x1b[?1h", Key::special(KeyCode::home)), "\x1bOH");
  EXPECT_EQ(sent("\x1b[?1h", Key::special(KeyCode::left, {false, false, true})), "\x1b[1;5D");
}

TEST(KeyEncoder, OtherKeysAreModifiedOnlyWhereAskedFor) {
  const Key ctrl_a = Key::ctrl('a');
  const Key alt_x = Key::character(U'x', {false, true, false});
  Key ctrl_1 = Key::character(U'1');
  ctrl_1.mods.ctrl = true;
  EXPECT_EQ(sent("", ctrl_a), "\x01");
  EXPECT_EQ(sent("", ctrl_1), "1");
  EXPECT_EQ(sent("\x1b[>4;1m", ctrl_a), "\x01");
  EXPECT_EQ(sent("\x1b[>4;1m", alt_x), "\x1bx");
  EXPECT_EQ(sent("\x1b[>4;1m", ctrl_1), "\x1b[27;5;49~");
  EXPECT_EQ(sent("\x1b[>4;2m", ctrl_a), "\x1b[27;5;97~");
  EXPECT_EQ(sent("\x1b[>4;2m", alt_x), "\x1bx");  // perhaps Escape, then x
  Key told = alt_x;
  told.bytes = "\x1b[27;3;120~";
  EXPECT_EQ(sent("\x1b[>4;2m", told), "\x1b[27;3;120~");
  EXPECT_EQ(sent("\x1b[>4;2m", Key::character(U'X', {true, false, false})), "X");
  EXPECT_EQ(sent("\x1b[>4;2m\x1b[>4m", ctrl_a), "\x01");
  EXPECT_EQ(sent("\x1b[>4;2m\x1b[>4n", ctrl_a), "\x01");
}

TEST(KeyEncoder, KeypadFollowsTheHostsMode) {
  Key five = Key::character(U'5');
  EXPECT_EQ(sent("\x1b=", five), "5");  // of the main block
  five.keypad = true;
  EXPECT_EQ(sent("", five), "5");
  EXPECT_EQ(sent("\x1b=", five), "\x1bOu");
  EXPECT_EQ(sent("\x1b[?66h", five), "\x1bOu");
  Key times = Key::character(U'*');
  times.keypad = true;
  EXPECT_EQ(sent("\x1b=", times), "\x1bOj");
}

TEST(KeyEncoder, BackspaceIsWhatTheHostAskedFor) {
  EXPECT_EQ(sent("", Key::special(KeyCode::backspace)), "\x7f");
  EXPECT_EQ(sent("\x1b[?67h", Key::special(KeyCode::backspace)), "\b");
}

TEST(KeyEncoder, EditingAndFunctionKeys) {
  EXPECT_EQ(sent("", Key::special(KeyCode::del)), "\x1b[3~");
  EXPECT_EQ(sent("", Key::special(KeyCode::page_up, {true, false, false})), "\x1b[5;2~");
  EXPECT_EQ(sent("", Key::special(KeyCode::f1)), "\x1bOP");
  EXPECT_EQ(sent("", Key::special(KeyCode::f4, {false, true, false})), "\x1b[1;3S");
  EXPECT_EQ(sent("", Key::special(KeyCode::f5)), "\x1b[15~");
  EXPECT_EQ(sent("", Key::special(KeyCode::f12, {true, false, true})), "\x1b[24;6~");
}

TEST(KeyEncoder, PasteIsBracketedWhereAskedFor) {
  EXPECT_EQ(sent("\x1b[?2004h", pasted("a\nb")), "\x1b[200~a\nb\x1b[201~");
  EXPECT_EQ(sent("", pasted("a\r\nb\nc")), "a\rb\rc");
}

TEST(KeyEncoder, PasteCannotEndItself) {
  const std::string end = "\x1b[201~";
  EXPECT_EQ(without_paste_end("a" + end + "rm -rf /\n"), "arm -rf /\n");
  EXPECT_EQ(without_paste_end("\x1b[2" + end + "01~x"), "x");
  EXPECT_EQ(without_paste_end("\x1b" + end + "[2" + end + "01~x"), "x");
  EXPECT_EQ(without_paste_end("\xC2\x9B"
                              "201~y\x9B"
                              "201~z"),
            "yz");
  EXPECT_EQ(without_paste_end("\x1b[200~ stays ~"), "\x1b[200~ stays ~");
  EXPECT_EQ(sent("\x1b[?2004h", pasted("\x1b[20" + end + "1~x")), "\x1b[200~x\x1b[201~");
}

TEST(KeyEncoder, MouseOnlyWhenAskedFor) {
  const Key press = mouse(kPress, 1, {2, 4});
  EXPECT_EQ(sent("", press), "");
  EXPECT_EQ(sent("\x1b[?1000;1006h", press), "\x1b[<0;5;3M");
  EXPECT_EQ(sent("\x1b[?1000;1006h", mouse(kRelease, 1, {2, 4})), "\x1b[<0;5;3m");
  EXPECT_EQ(sent("\x1b[?1000h", press), "\x1b[M %#");
  EXPECT_EQ(sent("\x1b[?1000h", mouse(kRelease, 1, {2, 4})), "\x1b[M#%#");
  EXPECT_EQ(sent("\x1b[?1000h", mouse(kPress, 1, {2, 230})), "");
  EXPECT_EQ(sent("\x1b[?1000h\x1b[?1000l", press), "");
}

TEST(KeyEncoder, MouseMovementByMode) {
  const Key drag = mouse(kMove, 1, {0, 0});
  const Key hover = mouse(kMove, 0, {0, 0});
  EXPECT_EQ(sent("\x1b[?1000;1006h", drag), "");
  EXPECT_EQ(sent("\x1b[?1002;1006h", drag), "\x1b[<32;1;1M");
  EXPECT_EQ(sent("\x1b[?1002;1006h", hover), "");
  EXPECT_EQ(sent("\x1b[?1003;1006h", hover), "\x1b[<35;1;1M");
}

TEST(KeyEncoder, WheelAndModifiers) {
  EXPECT_EQ(sent("\x1b[?1000;1006h", mouse(MouseEvent::Kind::wheel_up, 0, {0, 0})),
            "\x1b[<64;1;1M");
  EXPECT_EQ(
      sent("\x1b[?1000;1006h", mouse(MouseEvent::Kind::wheel_down, 0, {0, 0}, {true, true, true})),
      "\x1b[<93;1;1M");
}

TEST(KeyEncoder, FocusOnlyWhenAskedFor) {
  Key in;
  in.code = KeyCode::focus_in;
  EXPECT_EQ(sent("", in), "");
  EXPECT_EQ(sent("\x1b[?1004h", in), "\x1b[I");
}

}  // namespace
}  // namespace bdsh::pty
