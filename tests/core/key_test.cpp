#include "core/key.hpp"

#include <gtest/gtest.h>

namespace bdsh {
namespace {

TEST(Key, CharactersHaveTheBytesATerminalSends) {
  EXPECT_EQ(Key::character(U'a').bytes, "a");
  EXPECT_EQ(Key::character(U'\u00E9').bytes, "\u00E9");
  EXPECT_EQ(Key::character(U'x', {.alt = true}).bytes, "\x1bx");
  EXPECT_EQ(Key::ctrl('c').bytes, "\x03");
  EXPECT_EQ(Key::ctrl(']').bytes, "\x1d");
  EXPECT_EQ(Key::ctrl('?').bytes, "\x7f");
  EXPECT_EQ(Key::ctrl(' ').bytes, std::string(1, '\0'));
  EXPECT_EQ(Key::character(U'c', {.alt = true, .ctrl = true}).bytes, "\x1b\x03");
}

TEST(Key, SpecialKeysAreXterms) {
  const struct {
    KeyCode code;
    Mods mods;
    const char* bytes;
  } table[] = {
      {KeyCode::enter, {}, "\r"},
      {KeyCode::tab, {.shift = true}, "\x1b[Z"},
      {KeyCode::backspace, {}, "\x7f"},
      {KeyCode::up, {}, "\x1b[A"},
      {KeyCode::up, {.shift = true}, "\x1b[1;2A"},
      {KeyCode::left, {.alt = true, .ctrl = true}, "\x1b[1;7D"},
      {KeyCode::home, {}, "\x1b[H"},
      {KeyCode::del, {}, "\x1b[3~"},
      {KeyCode::del, {.ctrl = true}, "\x1b[3;5~"},
      {KeyCode::page_down, {}, "\x1b[6~"},
      {KeyCode::f1, {}, "\x1bOP"},
      {KeyCode::f4, {.shift = true}, "\x1b[1;2S"},
      {KeyCode::f5, {}, "\x1b[15~"},
      {KeyCode::f12, {.alt = true}, "\x1b[24;3~"},
  };
  for (const auto& row : table) EXPECT_EQ(Key::special(row.code, row.mods).bytes, row.bytes);
}

}  // namespace
}  // namespace bdsh
