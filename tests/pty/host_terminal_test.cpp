// What the golden cases cannot say: memory, moving, and bounds under floods.
#include "pty/host_terminal.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace bdsh::pty {
namespace {

class HostTerminalTest : public testing::Test {
 protected:
  CellTables tables_;
  HostTerminal terminal_{tables_, {Size{Rows{24}, Cols{80}}}};
};

TEST_F(HostTerminalTest, HandsOnWhatIsForTheClipboardAndNeverTellsWhatIsThere) {
  const FeedResult written = terminal_.feed("\x1b]52;c;Zg==\a\x1b]52;p;Zm8=\x1b\\");
  EXPECT_EQ(written.clipboard, "Zm8=");
  EXPECT_FALSE(written.damaged);
  const FeedResult asked = terminal_.feed("\x1b]52;c;?\a\x1b]52\a\x1b]52;c\a");
  EXPECT_EQ(asked.clipboard, "");
  EXPECT_EQ(asked.replies, "");
  EXPECT_EQ(terminal_.feed("\x1b]52;c;" + std::string(5'000, 'A') + "\a").clipboard, "");
}

TEST_F(HostTerminalTest, AnIdleTerminalCostsLittle) {
  EXPECT_LT(terminal_.memory_bytes(), 2'560U);
}

TEST_F(HostTerminalTest, AFullScreenCosts8BytesACell) {
  for (int i = 0; i < 24; ++i) terminal_.feed(std::string(79, 'x') + (i < 23 ? "\r\n" : ""));
  EXPECT_LT(terminal_.memory_bytes(), 18'000U);
}

TEST_F(HostTerminalTest, TenThousandLinesOfLogStayBelowOneMebibyte) {
  const std::string log =
      "Nov 22 02:29:03 web01 systemd[1]: Started Session 42 of User root on tty1.\r\n";
  for (int i = 0; i < 12'000; ++i) terminal_.feed(log);
  EXPECT_EQ(terminal_.scrollback_rows(), 10'001);  // one more than kept, until the next feed
  EXPECT_LT(terminal_.memory_bytes(), 1U << 20U);
}

// With a terminal and without one: long lines count as what they are.
TEST(HostTerminalMemory, IsBoundedInBytesWhateverTheLines) {
  for (const auto kind : {TerminalOptions::Kind::pty, TerminalOptions::Kind::plain}) {
    CellTables tables;
    TerminalOptions options;
    options.kind = kind;
    options.scrollback_bytes = 1U << 20U;
    HostTerminal terminal(tables, options);
    std::string line(60'000, 'x');
    for (int i = 0; i < 200; ++i) {
      line.replace(0, 3, std::to_string(100 + i));
      terminal.feed(line + "\r\n");
    }
    terminal.feed("last");
    EXPECT_LT(terminal.memory_bytes(), 3U << 20U);
    const std::uint64_t open = terminal.open_line();
    EXPECT_EQ(terminal.line(open), "last");
    EXPECT_EQ(terminal.line(open - 1), line) << "the newest are kept whole";
    EXPECT_GT(open - terminal.first_kept_line(), 10U);
    EXPECT_LT(open - terminal.first_kept_line(), 40U);
  }
}

TEST_F(HostTerminalTest, MemoryStaysBoundedUnderAFloodWithoutLineEnds) {
  const std::string flood(1U << 16U, 'y');
  for (int i = 0; i < 100; ++i) terminal_.feed(flood);
  EXPECT_LT(terminal_.memory_bytes(), 2U << 20U);
  EXPECT_LE(terminal_.line(terminal_.open_line()).size(), 66'000U);
}

TEST_F(HostTerminalTest, RepliesAreBounded) {
  std::string questions;
  for (int i = 0; i < 100'000; ++i) questions += "\x1b[c";
  EXPECT_LE(terminal_.feed(questions).replies.size(), 16'384U);
}

TEST_F(HostTerminalTest, CanBeMoved) {
  terminal_.feed("one");
  HostTerminal other = std::move(terminal_);
  other.feed(" two");
  EXPECT_EQ(other.line(0), "one two");
}

TEST_F(HostTerminalTest, SizesAreClamped) {
  terminal_.resize({Rows{0}, Cols{-3}});
  EXPECT_EQ(terminal_.size(), (Size{Rows{1}, Cols{4}}));
  terminal_.resize({Rows{1'000'000}, Cols{1'000'000}});
  EXPECT_EQ(terminal_.size(), (Size{Rows{1000}, Cols{2000}}));
}

TEST_F(HostTerminalTest, NothingFedDamagesNothing) {
  terminal_.feed("a");
  EXPECT_FALSE(terminal_.feed("").damaged);
  EXPECT_FALSE(terminal_.feed("\x1b[c").damaged);
  EXPECT_TRUE(terminal_.feed("\x1b[H").damaged);
}

TEST_F(HostTerminalTest, SynchronizedOutputIsDamageAtItsEnd) {
  EXPECT_TRUE(terminal_.feed("a\x1b[?2026hb").damaged);  // the a
  EXPECT_TRUE(terminal_.synchronizing());
  EXPECT_FALSE(terminal_.feed("c").damaged);
  EXPECT_EQ(terminal_.snapshot().row(0)[1].glyph, kBlank);
  EXPECT_TRUE(terminal_.feed("\x1b[?2026l").damaged);
  EXPECT_EQ(terminal_.snapshot().row(0)[2].glyph, U'c');
}

TEST_F(HostTerminalTest, SynchronizedOutputThatNeverEndsIsEndedByItsReader) {
  terminal_.feed("\x1b[?2026hab");
  const auto held = terminal_.row_hash(0);
  terminal_.end_synchronized();
  EXPECT_FALSE(terminal_.synchronizing());
  EXPECT_EQ(terminal_.snapshot().row(0)[0].glyph, U'a');
  EXPECT_NE(terminal_.row_hash(0), held);
}

TEST_F(HostTerminalTest, ShowingAndHidingTheCursorIsDamage) {
  EXPECT_TRUE(terminal_.feed("\x1b[?25l").damaged);
  EXPECT_FALSE(terminal_.feed("\x1b[?25l").damaged);
  EXPECT_TRUE(terminal_.feed("\x1b[?25h").damaged);
  EXPECT_TRUE(terminal_.feed("\x1b[4 q").damaged);
}

TEST_F(HostTerminalTest, CombiningCharactersAreBounded) {
  std::string marks = "e";
  for (int i = 0; i < 1000; ++i) marks += "\xcc\x81";
  terminal_.feed(marks);
  EXPECT_LE(terminal_.line(0).size(), 34U);
}

// Every part of the live, the scrolled and the held screen is what a cut of the whole shows.
TEST_F(HostTerminalTest, APartIsACutOfTheWhole) {
  HostTerminal terminal(tables_, {Size{Rows{3}, Cols{8}}});
  const auto check = [&terminal](int back) {
    const ScreenSnapshot whole = terminal.snapshot(back);
    for (const Rect part : {Rect{0, 0, 2, 3}, Rect{1, 1, 2, 4}, Rect{0, 4, 3, 9}, Rect{2, 2, 9, 1}}) {
      const ScreenSnapshot cut = part_of(whole, part);
      const ScreenSnapshot read = terminal.snapshot(back, part);
      EXPECT_EQ(read.size, cut.size);
      EXPECT_EQ(read.cells, cut.cells) << back << ": " << part.row << "," << part.col;
      EXPECT_EQ(read.cursor, cut.cursor);
      EXPECT_EQ(read.scrolled_back, cut.scrolled_back);
    }
  };
  for (const char* text : {"one\r\n\x1b[31mt日o\x1b[m\r\nthree!\r\n4 日日\r\nfive", "\x1b[?2026hnew"}) {
    terminal.feed(text);
    for (int back = 0; back < 3; ++back) check(back);
    EXPECT_EQ(terminal.place().cursor, terminal.snapshot().cursor);
  }
}

TEST_F(HostTerminalTest, StylesSurviveTheScrollback) {
  terminal_.resize({Rows{2}, Cols{20}});
  terminal_.feed("\x1b[31mred\x1b[m plain \x1b[44m漢\x1b[m\r\n\r\n\r\n");
  const ScreenSnapshot shot = terminal_.snapshot(2);
  EXPECT_EQ(tables_.style(shot.row(0)[0].style).fg, Color::indexed(1));
  EXPECT_EQ(shot.row(0)[4].style, 0U);
  EXPECT_EQ(tables_.style(shot.row(0)[10].style).bg, Color::indexed(4));
  EXPECT_EQ(shot.row(0)[10].glyph, U'漢');
  EXPECT_EQ(shot.row(0)[11].glyph, kWideRest);
}

}  // namespace
}  // namespace bdsh::pty
