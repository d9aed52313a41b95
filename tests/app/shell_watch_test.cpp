#include "app/shell_watch.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

namespace bdsh::app {
namespace {

using std::chrono::milliseconds;

constexpr Clock::time_point kStart{std::chrono::seconds(100)};

ShellState state_after(std::string_view line, milliseconds quiet, bool full_screen = false) {
  ShellWatch watch;
  watch.on_output(kStart);
  return watch.state(line, full_screen, kStart + quiet);
}

TEST(ShellWatch, KnowsPromptsByTheirShape) {
  for (const char* prompt : {"root@web01:~#", "deploy@db1:/srv$", "web01%", "C:\\>", "~ ❯", "$ "})
    EXPECT_TRUE(looks_like_prompt(prompt)) << prompt;
  for (const char* line : {"", "50%", "downloading 100%", "Password:", "Reading package lists..."})
    EXPECT_FALSE(looks_like_prompt(line)) << line;
}

TEST(ShellWatch, KnowsQuestionsByTheirShape) {
  for (const char* line : {"Password:", "[sudo] password for deploy: ", "Enter passphrase for key 'x':",
                           "Do you want to continue? [Y/n]", "Are you sure (yes/no)?", "Overwrite?"})
    EXPECT_TRUE(looks_like_question(line)) << line;
  for (const char* line : {"", "password changed", "Get:1 http://x", "root@web01:~#"})
    EXPECT_FALSE(looks_like_question(line)) << line;
}

TEST(ShellWatch, IsBusyWhileOutputComes) {
  EXPECT_EQ(state_after("web01$", milliseconds(100)), ShellState::busy);
  EXPECT_EQ(state_after("web01$", milliseconds(260)), ShellState::prompt);
}

TEST(ShellWatch, TakesAPasswordPromptAfterTheShortPauseAndOthersAfterTheLongOne) {
  EXPECT_EQ(state_after("Password:", milliseconds(260)), ShellState::asking);
  EXPECT_EQ(state_after("Compiling foo.c ...", milliseconds(260)), ShellState::busy);
  EXPECT_EQ(state_after("Enter a number", milliseconds(1600)), ShellState::asking);
}

struct CorpusLine {
  std::string expected;
  milliseconds quiet;
  std::string text;
};

std::vector<CorpusLine> corpus() {
  std::vector<CorpusLine> out;
  std::ifstream in(std::string(BDSH_TEST_DATA) + "/waiting_corpus.txt");
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(" | ");
    const std::size_t second = line.find(" | ", first + 1);
    if (line.starts_with('#') || second == std::string::npos) continue;
    out.push_back({line.substr(0, first), milliseconds(std::stoi(line.substr(first + 3))),
                   line.substr(second + 3)});
  }
  return out;
}

// No question is overlooked; known false alarms (asking where nobody waits) are counted.
TEST(ShellWatch, CorpusOfPromptsQuestionsAndSlowOutput) {
  const std::map<ShellState, std::string> words{{ShellState::busy, "busy"},
                                                {ShellState::prompt, "prompt"},
                                                {ShellState::asking, "asking"}};
  int alarms = 0;
  const auto lines = corpus();
  for (const CorpusLine& line : lines) {
    const std::string said = words.at(state_after(line.text, line.quiet));
    const bool alarm = line.expected == "alarm";
    EXPECT_EQ(said, alarm ? "asking" : line.expected) << line.text;
    alarms += alarm ? 1 : 0;
  }
  EXPECT_LE(alarms * 20, static_cast<int>(lines.size())) << "more than 5 % are false alarms";
  EXPECT_GE(lines.size(), 60U);
}

TEST(ShellWatch, SaysNothingOfAnEmptyLineOrAFullScreenProgram) {
  EXPECT_EQ(state_after("", milliseconds(9000)), ShellState::busy);
  EXPECT_EQ(state_after("web01$", milliseconds(9000), true), ShellState::busy);
}

TEST(ShellWatch, TrustsShellMarksOverShapes) {
  using Kind = pty::ShellMark::Kind;
  ShellWatch watch;
  watch.on_output(kStart);
  watch.on_marks({{Kind::output_start, 3, {}}});
  EXPECT_EQ(watch.state("cost in $", false, kStart + milliseconds(300)), ShellState::busy);
  watch.on_marks({{Kind::command_end, 4, 2}, {Kind::prompt_start, 4, {}}});
  EXPECT_EQ(watch.state("anything goes", false, kStart + milliseconds(300)), ShellState::prompt);
  EXPECT_EQ(watch.last_exit_status(), 2);
}

TEST(ShellWatch, TellsThePromptFromWhatIsTypedAfterIt) {
  ShellWatch watch;
  watch.on_output(kStart);
  watch.on_input("web01$", false);
  EXPECT_EQ(watch.without_typed("web01$ upt"), "web01$");
  EXPECT_EQ(watch.state("web01$ upt", false, kStart + milliseconds(300)), ShellState::prompt);
  watch.on_input("web01$ uptime", true);
  EXPECT_EQ(watch.without_typed("web01$"), "web01$");
  EXPECT_EQ(watch.prompt(), "web01$");
}

TEST(ShellWatch, AsksToBeLookedAtOnlyWhileTimeCanChangeItsMind) {
  ShellWatch watch;
  EXPECT_FALSE(watch.next_check(kStart));
  watch.on_output(kStart);
  EXPECT_EQ(watch.next_check(kStart), kStart + ShellWatch::kQuiet);
  EXPECT_EQ(watch.next_check(kStart + ShellWatch::kQuiet), kStart + ShellWatch::kAskingQuiet);
  EXPECT_FALSE(watch.next_check(kStart + ShellWatch::kAskingQuiet));
}

}  // namespace
}  // namespace bdsh::app
