// The painter against a real terminal: its bytes go to a tmux pane, and what tmux then shows must
// be the surface.
#include "tui/painter.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace bdsh::tui {
namespace {

constexpr Size kSize{Rows{12}, Cols{60}};

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text.push_back(static_cast<char>(c));
  ::pclose(pipe);
  return text;
}

// A tmux server of its own, with one pane that shows whatever is written to a fifo.
class Pane {
 public:
  Pane() {
    char name[] = "/tmp/bdsh-painter-XXXXXX";
    directory_ = ::mkdtemp(name);
    ::mkfifo((directory_ + "/in").c_str(), 0600);
    run("new-session -d -x 60 -y 12 'stty raw -echo; exec cat " + directory_ + "/in'");
    run("set -g status off");
    in_.open(directory_ + "/in");
  }
  ~Pane() {
    in_.close();
    run("kill-server");
    output_of("rm -r " + directory_);
  }
  void write(const std::string& bytes) { in_ << bytes << std::flush; }
  std::string run(const std::string& arguments) {
    return output_of("TMUX= tmux -u -f /dev/null -S " + directory_ + "/socket " + arguments + " 2>&1");
  }
  // Waits until the pane shows the text.
  std::string shows(const std::string& expected) {
    std::string now;
    for (int i = 0; i < 200; ++i) {
      now = run("capture-pane -p");
      if (now == expected) return now;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return now;
  }

 private:
  std::string directory_;
  std::ofstream in_;
};

class PainterTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr);
    ASSERT_EQ(std::system("command -v tmux >/dev/null"), 0) << "tmux is needed";
  }
  void open(const std::string& term, bool truecolor = false) {
    auto painter = Painter::open({term, truecolor, true}, kSize);
    ASSERT_TRUE(painter.ok()) << painter.error().message;
    painter_ = std::move(painter).value();
  }
  CellTables tables_;
  Surface surface_{tables_, kSize};
  std::unique_ptr<Painter> painter_;
};

TEST_F(PainterTest, ATerminalShowsTheSurface) {
  open("tmux-256color");
  Pane pane;
  surface_.put({0, 0}, "┌ hosts ─┐ ● web01 漢字 e\u0301", 0);
  surface_.put({11, 0}, " INPUT → 12 hosts ", tables_.intern({Color::indexed(231), Color::indexed(160)}));
  surface_.put({5, 57}, "end", 0);
  pane.write(painter_->enter() + painter_->paint(surface_));
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  // A few changes, a scroll of all rows, then nothing.
  surface_.put({0, 2}, "HOSTS", 0);
  pane.write(painter_->paint(surface_));
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  for (int r = 0; r < 12; ++r) surface_.put({r, 0}, "line " + std::to_string(r + 1) + "      ", 0);
  pane.write(painter_->paint(surface_));
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  EXPECT_EQ(painter_->paint(surface_), "") << "an unchanged frame costs no byte";
}

TEST_F(PainterTest, ColoursArriveAndTheModesAreTakenBack) {
  open("tmux-256color");
  Pane pane;
  surface_.put({0, 0}, "danger", tables_.intern({Color::indexed(231), Color::indexed(160)}));
  pane.write("before\r\n");
  pane.write(painter_->enter() + painter_->paint(surface_));
  pane.shows(surface_.to_text());
  EXPECT_NE(pane.run("capture-pane -p -e").find("\x1b[38;5;231m\x1b[48;5;160mdanger"), std::string::npos)
      << pane.run("capture-pane -p -e");
  EXPECT_EQ(pane.run("display -p '#{alternate_on}#{mouse_button_flag}#{mouse_sgr_flag}#{cursor_flag}'"),
            "1110\n");
  pane.write(painter_->leave());
  EXPECT_EQ(pane.shows("before\n\n\n\n\n\n\n\n\n\n\n\n").substr(0, 7), "before\n");
  EXPECT_EQ(pane.run("display -p '#{alternate_on}#{mouse_button_flag}#{mouse_sgr_flag}#{cursor_flag}'"),
            "0001\n");
  // After a suspend the whole screen is drawn anew.
  pane.write(painter_->enter() + painter_->paint(surface_));
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  pane.write(painter_->leave_bytes());
  EXPECT_EQ(pane.shows("before\n\n\n\n\n\n\n\n\n\n\n\n").substr(0, 7), "before\n");
}

// The one of a terminal that looks on, beside that of one that types.
TEST_F(PainterTest, APlainPainterShowsTheSame) {
  open("tmux-256color");
  auto plain = Painter::open({"tmux-256color", false, true, true}, kSize);
  ASSERT_TRUE(plain.ok());
  Pane pane;
  pane.write("before\r\n");
  surface_.put({0, 0}, "┌ hosts ─┐ ● web01 漢字 e\u0301", 0);
  surface_.put({11, 42}, " INPUT → 12 hosts ", tables_.intern({Color::indexed(231), Color::indexed(160)}));
  surface_.cursor = Point{3, 4};
  pane.write(plain.value()->enter() + plain.value()->paint(surface_));
  (void)painter_->paint(surface_);
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  EXPECT_NE(pane.run("capture-pane -p -e").find("\x1b[38;5;231m\x1b[48;5;160m INPUT"), std::string::npos)
      << pane.run("capture-pane -p -e");
  EXPECT_EQ(pane.run("display -p '#{cursor_y} #{cursor_x} #{cursor_flag}'"), "3 4 1\n");
  for (int r = 0; r < 12; ++r) surface_.put({r, 0}, "line " + std::to_string(r + 1) + "      ", 0);
  pane.write(plain.value()->paint(surface_));
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  EXPECT_EQ(plain.value()->paint(surface_), "") << "an unchanged frame costs no byte";
  pane.write(plain.value()->leave());
  EXPECT_EQ(pane.shows("before\n\n\n\n\n\n\n\n\n\n\n\n").substr(0, 7), "before\n");
  EXPECT_EQ(pane.run("display -p '#{alternate_on}#{cursor_flag}#{wrap_flag}'"), "011\n");
}

// The columns of the screen's last row that have this background, from its first one on.
std::size_t columns_with(const std::string& background, Pane& pane) {
  const std::string screen = pane.run("capture-pane -p -e -N");  // with the trailing blanks
  const std::size_t begin = screen.rfind(background);
  if (begin == std::string::npos) return 0;
  const std::size_t from = begin + background.size();
  return screen.find_first_of("\x1b\n", from) - from;
}

TEST_F(PainterTest, ABarReachesTheLastColumn) {
  // Drawn anew and over something else.
  for (const char* term : {"tmux-256color", "screen-256color"}) {
    open(term);
    Pane pane;
    const StyleId red = tables_.intern({Color::indexed(231), Color::indexed(160)});
    for (const bool anew : {true, false}) {
      surface_.clear();
      surface_.put({11, 3}, "NAVIGATE something in place of it", 0);
      std::string bytes = painter_->enter();
      if (!anew) bytes += painter_->paint(surface_);
      surface_.fill({11, 0, 1, 60}, red);
      surface_.put({11, 0}, " INPUT to 12 hosts", red);
      pane.write(bytes + painter_->paint(surface_));
      pane.shows(surface_.to_text());
      EXPECT_EQ(columns_with("\x1b[48;5;160m", pane), 60U) << term << (anew ? " anew" : " over");
    }
    painter_.reset();
  }
  // Where clearing keeps the background (bce), the rest of the row is cleared while it is set.
  open("xterm-256color");
  EXPECT_NE(painter_->paint(surface_).find("\x1b[48;5;160m INPUT to 12 hosts\x1b[K"),
            std::string::npos);
}

TEST_F(PainterTest, AllRowsScrollAfterwardsWhateverTheEntrysSize) {
  Pane pane;
  pane.run("resize-window -x 60 -y 40");
  auto painter = Painter::open({"tmux-256color", false, true}, {Rows{40}, Cols{60}});
  ASSERT_TRUE(painter.ok());  // the entry says 24 lines
  painter_ = std::move(painter).value();
  surface_.resize({Rows{40}, Cols{60}});
  surface_.put({39, 0}, "last", 0);
  pane.write(painter_->enter() + painter_->paint(surface_));
  EXPECT_EQ(pane.shows(surface_.to_text()), surface_.to_text());
  pane.write(painter_->leave() + "back\r\n");
  pane.shows("back\n" + std::string(39, '\n'));
  EXPECT_EQ(pane.run("display -p '#{scroll_region_upper},#{scroll_region_lower}'"), "0,39\n");
}

TEST_F(PainterTest, CursorAndItsShape) {
  open("tmux-256color");
  surface_.cursor = Point{3, 4};
  surface_.cursor_shape = CursorShape::bar;
  const std::string bytes = painter_->enter() + painter_->paint(surface_);
  EXPECT_NE(bytes.find("\x1b[6 q"), std::string::npos);
  Pane pane;
  pane.write(bytes);
  pane.shows(surface_.to_text());
  EXPECT_EQ(pane.run("display -p '#{cursor_y},#{cursor_x},#{cursor_flag}'"), "3,4,1\n");
  EXPECT_NE(painter_->leave().find("\x1b[2 q"), std::string::npos);
}

TEST_F(PainterTest, ResizeDrawsEverything) {
  open("tmux-256color");
  painter_->paint(surface_);
  painter_->resize({Rows{5}, Cols{30}});
  surface_.resize({Rows{5}, Cols{30}});
  surface_.put({3, 20}, "right", 0);
  EXPECT_NE(painter_->paint(surface_).find("right"), std::string::npos);
}

TEST_F(PainterTest, FewColoursAndManyPairs) {
  open("linux");
  EXPECT_EQ(painter_->colors(), 8);
  surface_.put({0, 0}, "orange", tables_.intern({Color::rgb(250, 120, 10), {}}));
  EXPECT_NE(painter_->paint(surface_).find("orange"), std::string::npos);
  painter_.reset();
  open("tmux-256color");
  // More pairs than the table holds: no frame fails, and text is never lost.
  int pair = 0;
  for (int frame = 0; frame < 60; ++frame) {
    for (int r = 0; r < 12; ++r)
      for (int c = 0; c < 60; ++c, ++pair)
        surface_.set({r, c}, {U'x', tables_.intern({Color::indexed(static_cast<std::uint8_t>(pair)),
                                                   Color::indexed(static_cast<std::uint8_t>(pair >> 8))})});
    EXPECT_FALSE(painter_->paint(surface_).empty());
  }
}

TEST_F(PainterTest, UnknownTerminalsAreErrors) {
  for (const char* term : {"no-such-terminal", "dumb", ""}) {
    const auto painter = Painter::open({term, false, true}, kSize);
    ASSERT_FALSE(painter.ok()) << term;
    EXPECT_EQ(painter.error().kind, ErrorKind::io);
    EXPECT_NE(painter.error().message.find(*term == '\0' ? "TERM" : term), std::string::npos);
  }
}

TEST_F(PainterTest, SignalHandlersStayAsTheyWere) {
  struct sigaction before {};
  ::sigaction(SIGWINCH, nullptr, &before);
  open("tmux-256color");
  painter_->paint(surface_);
  struct sigaction after {};
  ::sigaction(SIGWINCH, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
  ::sigaction(SIGTSTP, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace bdsh::tui
