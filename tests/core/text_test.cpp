#include "core/text.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <cwchar>
#include <random>

#include "core/cell.hpp"

namespace bdsh {
namespace {

const std::string kBad = "\xEF\xBF\xBD";

TEST(Lower, ChangesAsciiLettersOnly) {
  EXPECT_EQ(lower("ABC xyz-09_Z"), "abc xyz-09_z");
  EXPECT_EQ(lower("ÄÖ\xc0@[`{"), "ÄÖ\xc0@[`{");
}

TEST(Utf8, ValidSequencesComeBackAsTheyWentIn) {
  for (const char32_t code : {U'\0', U'a', U'\x7F', U'\x80', U'\u07FF', U'\u0800', U'\uD7FF',
                              U'\uE000', U'\uFFFF', U'\U00010000', U'\U0010FFFF'}) {
    std::string text;
    append_utf8(code, text);
    std::size_t at = 0;
    EXPECT_EQ(decode_utf8(text, at), code);
    EXPECT_EQ(at, text.size());
  }
}

TEST(Utf8, AnInvalidByteIsReplacedAndOnlyItIsSkipped) {
  const char* const table[] = {
      "\x80",              // a continuation alone
      "\xC0\x80",          // overlong
      "\xC1\xBF",          // overlong
      "\xE0\x80\x80",      // overlong
      "\xF0\x80\x80\x80",  // overlong
      "\xED\xA0\x80",      // a surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF5\x80\x80\x80",  // no lead byte
      "\xE2\x82",          // cut short
      "\xE2x",             // broken off
      "\xFF",
  };
  for (const char* text : table) {
    std::size_t at = 0;
    EXPECT_EQ(decode_utf8(text, at), 0xFFFDU) << text;
    EXPECT_EQ(at, 1U) << text;
  }
}

TEST(Widths, OfKnownCharacters) {
  const struct {
    char32_t code;
    int width;
  } table[] = {{U'a', 1},          {U'\n', -1},    {U'\x7F', -1},  {U'\x9B', -1},  {U'\u00E9', 1},
               {U'\u0301', 0},     {U'\u200B', 0}, {U'\u4E2D', 2}, {U'\uAC00', 2}, {U'\uFF21', 2},
               {U'\U0001F600', 2}, {U'\u2500', 1}, {U'\u25CF', 1}, {U'\u26A0', 1}};
  for (const auto& row : table) EXPECT_EQ(char_width(row.code), row.width) << static_cast<unsigned>(row.code);
}

// The table's promise: what ncurses, which asks wcwidth, takes a character for.
TEST(Widths, AgreeWithTheSystemsWcwidth) {
  if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) GTEST_SKIP() << "no C.UTF-8 locale";
  int differences = 0;
  for (char32_t code = 0x20; code < 0x30000; ++code) {
    const int system = ::wcwidth(static_cast<wchar_t>(code));
    if (system >= 0 && system != char_width(code)) ++differences;
  }
  std::setlocale(LC_CTYPE, "C");
  EXPECT_EQ(differences, 0);
}

TEST(Widths, OfTextsAndCuts) {
  EXPECT_EQ(text_width("a\u4E2D\u0301b"), 4);
  EXPECT_EQ(text_width(""), 0);
  EXPECT_EQ(cut_to_width("a\u4E2Db", 2), "a");
  EXPECT_EQ(cut_to_width("a\u4E2Db", 3), "a\u4E2D");
  EXPECT_EQ(cut_to_width("e\u0301x", 1), "e\u0301");
  EXPECT_EQ(cut_to_width("abc", 0), "");
  EXPECT_EQ(cut_to_width("abc", 10), "abc");
}

TEST(PlainFileName, NeedsNoQuotesAndIsNotHidden) {
  EXPECT_EQ(plain_file_name("web[01-03],db 1"), "web_01-03__db_1");
  EXPECT_EQ(plain_file_name("../a"), "_.._a");
  EXPECT_EQ(plain_file_name("-rf"), "_-rf");
  EXPECT_EQ(plain_file_name(""), "_");
}

TEST(Sanitised, TakesAwayWhatATerminalWouldObey) {
  EXPECT_EQ(sanitised("plain \u00E9\u4E2D"), "plain \u00E9\u4E2D");
  EXPECT_EQ(sanitised("\x1b]0;x\x07"), kBad + "]0;x" + kBad);
  EXPECT_EQ(sanitised("a\tb\r\nc"), "a b  c");
  EXPECT_EQ(sanitised("\xC2\x9B"
                      "31m"),
            kBad + "31m");  // C1 CSI
  EXPECT_EQ(sanitised("\xFF\x7F"), kBad + kBad);
  EXPECT_EQ(sanitised(std::string("a\0b", 3)), "a" + kBad + "b");
}

TEST(Sanitised, IsCutAtACharacter) {
  EXPECT_EQ(sanitised("ab\u4E2D", 4), "ab");
  EXPECT_EQ(sanitised("ab\u4E2D", 5), "ab\u4E2D");
  EXPECT_EQ(sanitised("abc", 0), "");
}

TEST(Sanitised, IsAlwaysValidUtf8WithoutControls) {
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 40, ' ');
    for (char& c : bytes) c = static_cast<char>(random());
    const std::string safe = sanitised(bytes);
    EXPECT_EQ(sanitised(safe), safe);
    for (std::size_t at = 0; at < safe.size();) EXPECT_GE(char_width(decode_utf8(safe, at)), 0);
  }
}

}  // namespace
}  // namespace bdsh
