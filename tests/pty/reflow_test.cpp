// Resizing loses no text: what was printed as lines reads the same at every width, also after many
// resizes, and what is typed goes on behind it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "pty/host_terminal.hpp"

namespace bdsh::pty {
namespace {

// Lines as programs print them: no cursor movement, all kinds of width, colours, wrapping or not.
class Printer {
 public:
  explicit Printer(std::uint32_t seed) : random_(seed) {}
  int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }
  std::string word() {
    static const std::vector<std::string> kWords{
        "a", "word", "longer_word", "漢字", "e\u0301", "😀", "x y", "\x1b[31mred\x1b[m", "──", "  "};
    return kWords[static_cast<std::size_t>(below(static_cast<int>(kWords.size())))];
  }
  std::string text() {
    std::string out;
    for (int i = below(40); i > 0; --i) out += word() + (below(3) == 0 ? " " : "");
    return out + (below(4) == 0 ? "" : "\r\n");
  }
  Size size() { return {Rows{2 + below(19)}, Cols{4 + below(60)}}; }

 private:
  std::mt19937 random_;
};

std::string first_difference(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    if (a[i] != b[i]) return std::to_string(i) + ": '" + a[i] + "', not '" + b[i] + "'";
  return a.size() == b.size()
             ? ""
             : std::to_string(a.size()) + " lines, not " + std::to_string(b.size());
}

std::vector<std::string> lines_of(const HostTerminal& terminal) {
  std::vector<std::string> lines;
  for (std::uint64_t i = terminal.first_kept_line(); i < terminal.line_end(); ++i)
    lines.push_back(terminal.line(i));
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

TEST(Reflow, ThereAndBackLosesNoText) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Printer printer(seed);
    const Size size = printer.size();
    CellTables tables;
    HostTerminal resized(tables, {size});
    HostTerminal still(tables, {size});
    for (int step = 0; step < 20; ++step) {
      const std::string text = printer.text();
      resized.feed(text);
      still.feed(text);
      resized.resize(printer.size());
      ASSERT_EQ(first_difference(lines_of(resized), lines_of(still)), "")
          << "seed " << seed << " step " << step;
      if (printer.below(2) == 0) resized.resize(size);
      ASSERT_EQ(first_difference(lines_of(resized), lines_of(still)), "")
          << "seed " << seed << " step " << step;
      ASSERT_EQ(resized.open_line(), still.open_line()) << "seed " << seed << " step " << step;
    }
  }
}

class ReflowTest : public testing::Test {
 protected:
  std::string row(int r, int back = 0) {
    std::string text;
    const ScreenSnapshot shot = terminal_.snapshot(back);
    for (int c = 0; c < shot.size.cols.value; ++c) tables_.append_utf8(shot.row(r)[c].glyph, text);
    return text.erase(text.find_last_not_of(' ') + 1);
  }
  CellTables tables_;
  HostTerminal terminal_{tables_, {Size{Rows{4}, Cols{10}}}};
};

TEST_F(ReflowTest, TheCursorStaysAtItsCharacter) {
  terminal_.feed("abcdefgh\x1b[3D");  // on the f
  terminal_.resize({Rows{4}, Cols{4}});
  EXPECT_EQ(row(0), "abcd");
  EXPECT_EQ(row(1), "efgh");
  EXPECT_EQ(terminal_.cursor(), (Point{1, 1}));
  terminal_.resize({Rows{4}, Cols{10}});
  EXPECT_EQ(row(0), "abcdefgh");
  EXPECT_EQ(terminal_.cursor(), (Point{0, 5}));
}

TEST_F(ReflowTest, TypingGoesOnBehindTheText) {
  terminal_.feed("0123456789");  // the next one would wrap
  terminal_.resize({Rows{4}, Cols{12}});
  terminal_.feed("ab");
  EXPECT_EQ(row(0), "0123456789ab");
  terminal_.resize({Rows{4}, Cols{6}});
  terminal_.feed("c");
  EXPECT_EQ(row(1), "6789ab");
  EXPECT_EQ(row(2), "c");
  EXPECT_EQ(terminal_.line(0), "0123456789abc");
}

TEST_F(ReflowTest, AWideCharacterIsNotCut) {
  terminal_.feed("abc漢字");
  terminal_.resize({Rows{4}, Cols{4}});
  EXPECT_EQ(row(0), "abc");
  EXPECT_EQ(row(1), "漢字");
  terminal_.resize({Rows{4}, Cols{10}});
  EXPECT_EQ(row(0), "abc漢字");
}

TEST_F(ReflowTest, RowsOverTheTopGoToTheScrollback) {
  terminal_.feed("0123456789\r\nabcdefghij\r\nx");
  terminal_.resize({Rows{2}, Cols{5}});
  EXPECT_EQ(terminal_.scrollback_rows(), 3);
  EXPECT_EQ(row(0), "fghij");
  EXPECT_EQ(row(1), "x");
  EXPECT_EQ(terminal_.line(1), "abcdefghij");
}

TEST_F(ReflowTest, TheScrollbackIsWrappedAnewToo) {
  terminal_.feed("0123456789abc\r\n\x1b[31mred\x1b[m line\r\n漢字漢字漢\r\n4\r\n5\r\n6\r\n7");
  ASSERT_EQ(terminal_.scrollback_rows(), 4);
  terminal_.resize({Rows{4}, Cols{20}});
  EXPECT_EQ(terminal_.scrollback_rows(), 3);
  EXPECT_EQ(row(0, 3), "0123456789abc");
  terminal_.resize({Rows{4}, Cols{5}});
  EXPECT_EQ(terminal_.scrollback_rows(), 8);
  const std::vector<std::string> expected{"01234", "56789", "abc",  "red l",
                                          "ine",   "漢字",  "漢字", "漢"};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(row(0, 8 - i), expected[static_cast<std::size_t>(i)]);
  const StyleId red = terminal_.snapshot(5).row(0)[0].style;
  EXPECT_EQ(tables_.style(red).fg, Color::indexed(1));
  EXPECT_EQ(terminal_.snapshot(5).row(0)[4].style, 0U);
  terminal_.resize({Rows{4}, Cols{10}});
  EXPECT_EQ(terminal_.scrollback_rows(), 4);
  EXPECT_EQ(row(0, 4), "0123456789");
}

TEST_F(ReflowTest, ALineThatGoesOnOnTheScreenKeepsItsRowsAbove) {
  terminal_.feed("first line\r\n" + std::string(45, 'x'));
  ASSERT_EQ(terminal_.scrollback_rows(), 2);
  terminal_.resize({Rows{4}, Cols{5}});
  EXPECT_EQ(terminal_.line(0), "first line");
  EXPECT_EQ(terminal_.line(1), std::string(45, 'x'));
  terminal_.feed("y");
  EXPECT_EQ(terminal_.line(1), std::string(45, 'x') + "y");
}

TEST(Reflow, OfALongScrollbackOnlyTheNewestIsWrappedAnew) {
  CellTables tables;
  TerminalOptions options{Size{Rows{4}, Cols{10}}};
  options.rewrapped_rows = 2;
  HostTerminal terminal(tables, options);
  for (int i = 0; i < 10; ++i) terminal.feed("line " + std::to_string(i) + "\r\n");
  ASSERT_EQ(terminal.scrollback_rows(), 7);
  terminal.resize({Rows{4}, Cols{4}});
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(terminal.line(static_cast<std::uint64_t>(i)), "line " + std::to_string(i));
  // Five lines that are cut, two of the scrollback and one that the screen lost in two rows each.
  EXPECT_EQ(terminal.scrollback_rows(), 5 + 4 + 3);
}

TEST_F(ReflowTest, ColouredBlanksDoNotWrap) {
  terminal_.feed("\x1b[44mab\x1b[K\x1b[m\r\nx");
  terminal_.resize({Rows{4}, Cols{5}});
  EXPECT_EQ(row(0), "ab");
  EXPECT_EQ(row(1), "x");
  EXPECT_NE(terminal_.snapshot().row(0)[4].style, 0U);
}

TEST_F(ReflowTest, TheAlternateScreenIsCutAndTheCursorBelowFollows) {
  terminal_.feed("abcdefgh\x1b[?1049h\x1b[Hfull");
  terminal_.resize({Rows{4}, Cols{5}});
  EXPECT_EQ(row(0), "full");
  terminal_.feed("\x1b[?1049l!");
  EXPECT_EQ(row(0), "abcde");
  EXPECT_EQ(row(1), "fgh!");
}

}  // namespace
}  // namespace bdsh::pty
