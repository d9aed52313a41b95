// Transcripts of the key decoder: bytes in, keys out.
#include "tui/key_decoder.hpp"

#include <gtest/gtest.h>

#include "tui/keymap.hpp"

namespace bdsh::tui {
namespace {

std::string shown(const Key& key) {
  switch (key.code) {
    case KeyCode::paste: return "paste(" + key.text + ")";
    case KeyCode::focus_in: return "focus-in";
    case KeyCode::focus_out: return "focus-out";
    case KeyCode::unknown: return "unknown(" + std::to_string(key.bytes.size()) + ")";
    case KeyCode::mouse: break;
    default: return key_name(key);
  }
  static constexpr const char* kKinds[] = {"press", "release", "move", "wheel-up", "wheel-down"};
  return std::string(kKinds[static_cast<int>(key.mouse.kind)]) + std::to_string(key.mouse.button) +
         "@" + std::to_string(key.mouse.at.row) + "," + std::to_string(key.mouse.at.col);
}

std::string shown(const std::vector<Key>& keys) {
  std::string text;
  for (const Key& key : keys) text += (text.empty() ? "" : " ") + shown(key);
  return text;
}

std::string decoded(std::string_view bytes) {
  KeyDecoder decoder;
  std::vector<Key> keys = decoder.feed(bytes);
  for (Key& key : decoder.timeout()) keys.push_back(std::move(key));
  return shown(keys);
}

TEST(KeyDecoder, TextAndControls) {
  EXPECT_EQ(decoded("ab Z"), "a b Space Z");
  EXPECT_EQ(decoded("é漢"), "é 漢");
  EXPECT_EQ(decoded("\r\t\x7f"), "Enter Tab Backspace");
  EXPECT_EQ(decoded("\x01\x1a\x1d\x08\x0a"), "Ctrl-a Ctrl-z Ctrl-] Ctrl-h Ctrl-j");
  EXPECT_EQ(decoded(std::string_view("\0", 1)), "Ctrl-Space");
}

TEST(KeyDecoder, SpecialKeysInTheirSeveralSpellings) {
  EXPECT_EQ(decoded("\x1b[A\x1bOB\x1b[H\x1bOF"), "Up Down Home End");
  EXPECT_EQ(decoded("\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[3~"), "Home End Home End Delete");
  EXPECT_EQ(decoded("\x1b[5~\x1b[6~"), "PgUp PgDn");
  EXPECT_EQ(decoded("\x1bOP\x1b[11~\x1b[[A\x1b[15~\x1b[24~"), "F1 F1 F1 F5 F12");
  EXPECT_EQ(decoded("\x1b[Z"), "Shift-Tab");
}

TEST(KeyDecoder, Modifiers) {
  EXPECT_EQ(decoded("\x1b[1;5A\x1b[1;2D\x1b[5;3~"), "Ctrl-Up Shift-Left Alt-PgUp");
  EXPECT_EQ(decoded("\x1bx\x1b\r"), "Alt-x Alt-Enter");
  EXPECT_EQ(decoded("\x1b\x1b[A"), "Alt-Up");
  EXPECT_EQ(decoded("\x1b\x01"), "Ctrl-Alt-a");
}

TEST(KeyDecoder, ReportedKeysBecomeWhatAPlainTerminalSends) {
  KeyDecoder decoder;
  const auto keys = decoder.feed("\x1b[27;5;93~\x1b[93;5u\x1b[105;5u\x1b[13;2u");
  ASSERT_EQ(shown(keys), "Ctrl-] Ctrl-] Ctrl-i Enter");
  EXPECT_EQ(keys[0].bytes, "\x1d");
  EXPECT_EQ(keys[1].bytes, "\x1d");
  EXPECT_EQ(keys[3].bytes, "\r");
}

TEST(KeyDecoder, KeypadKeysAreSignsThatSayWhereTheyAre) {
  KeyDecoder decoder;
  const auto keys = decoder.feed("\x1bOu\x1bOj\x1bOX\x1bOM");
  ASSERT_EQ(shown(keys), "5 * = Enter");
  EXPECT_TRUE(keys[0].keypad);
  EXPECT_EQ(keys[0].bytes, "5");
}

TEST(KeyDecoder, KeepsTheBytesOfEveryKey) {
  const std::string bytes = "a\x1b[1;5A\x1bxé\x1b[999z\xff\x1b[<0;1;1M";
  KeyDecoder decoder;
  std::string joined;
  for (const Key& key : decoder.feed(bytes)) joined += key.bytes;
  EXPECT_EQ(joined, bytes);
}

TEST(KeyDecoder, EscapeNeedsATimeout) {
  KeyDecoder decoder;
  EXPECT_EQ(shown(decoder.feed("\x1b")), "");
  EXPECT_TRUE(decoder.pending());
  EXPECT_EQ(shown(decoder.timeout()), "Escape");
  EXPECT_FALSE(decoder.pending());
  EXPECT_EQ(decoded("\x1b["), "Alt-[");
  EXPECT_EQ(decoded("\x1bO"), "Alt-O");
  EXPECT_EQ(decoded("\x1b\x1b"), "Escape Escape");
  EXPECT_EQ(decoded("\x1b[1;"), "unknown(4)");
}

TEST(KeyDecoder, AnySplitGivesTheSameKeys) {
  const std::string bytes = "\x1b[1;5Aé\x1b[<65;10;5M\x1b[200~x\ny\x1b[201~漢\x1bOPq";
  const std::string whole = decoded(bytes);
  EXPECT_EQ(whole, "Ctrl-Up é wheel-down0@4,9 paste(x\ny) 漢 F1 q");
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    KeyDecoder decoder;
    auto keys = decoder.feed(std::string_view(bytes).substr(0, cut));
    for (Key& key : decoder.feed(std::string_view(bytes).substr(cut))) keys.push_back(key);
    EXPECT_EQ(shown(keys), whole) << cut;
  }
}

TEST(KeyDecoder, MouseAndFocus) {
  EXPECT_EQ(decoded("\x1b[<0;1;1M\x1b[<0;1;1m\x1b[<32;3;2M\x1b[<64;1;1M"),
            "press1@0,0 release1@0,0 move1@1,2 wheel-up0@0,0");
  EXPECT_EQ(decoded("\x1b[<2;80;24M"), "press3@23,79");
  EXPECT_EQ(decoded("\x1b[I\x1b[O"), "focus-in focus-out");
}

TEST(KeyDecoder, PasteIsWholeAndNothingInItIsAKey) {
  EXPECT_EQ(decoded("\x1b[200~q\x1b[A\x03\x1b[201~z"), "paste(q\x1b[A\x03) z");
}

TEST(KeyDecoder, AHugePasteComesInPiecesInOrder) {
  std::string text;
  while (text.size() < 3 * KeyDecoder::kPasteChunk) text += "0123456789é";
  KeyDecoder decoder;
  const auto keys = decoder.feed("\x1b[200~" + text + "\x1b[201~");
  ASSERT_GE(keys.size(), 3U);
  std::string joined;
  for (const Key& key : keys) {
    EXPECT_EQ(key.code, KeyCode::paste);
    EXPECT_LE(key.text.size(), KeyDecoder::kPasteChunk);
    EXPECT_NE(static_cast<unsigned char>(key.text.front()) & 0xC0U, 0x80U) << "a split character";
    joined += key.text;
  }
  EXPECT_EQ(joined, text);
  EXPECT_EQ(keys.front().bytes.rfind("\x1b[200~", 0), 0U);
  EXPECT_EQ(keys.back().bytes.substr(keys.back().bytes.size() - 6), "\x1b[201~");
  EXPECT_FALSE(decoder.pending());
}

TEST(KeyDecoder, APasteWhoseEndIsLostEndsAfterASecond) {
  KeyDecoder decoder;
  EXPECT_EQ(shown(decoder.feed("\x1b[200~lost")), "");
  int timeouts = 0;
  std::vector<Key> keys;
  while (keys.empty() && decoder.pending() && timeouts < 1000) {
    keys = decoder.timeout();
    ++timeouts;
  }
  EXPECT_EQ(shown(keys), "paste(lost)");
  EXPECT_EQ(timeouts * KeyDecoder::kEscapeDelay.count(), 1000);
  EXPECT_EQ(shown(decoder.feed("x")), "x");
}

TEST(KeyDecoder, BrokenSequencesEndAndSwallowNoLaterKey) {
  EXPECT_EQ(decoded("\x1b[1;\x1b[A"), "unknown(4) Up");
  EXPECT_EQ(decoded("\x1b[" + std::string(200, '1') + "q").substr(0, 11), "unknown(64)");
  EXPECT_EQ(decoded("\xc3(x"), "\xef\xbf\xbd ( x");
}

}  // namespace
}  // namespace bdsh::tui
