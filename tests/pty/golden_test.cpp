// Runs the cases in tests/pty/cases/*.txt and tests/pty/behaviours/*.txt: what a host sends, and
// what its terminal then shows and says. The format is described in cases/README; adding a case
// needs no C++.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "pty/host_terminal.hpp"
#include "pty/pen.hpp"

namespace bdsh::pty {
namespace {

std::string unescaped(const std::string& text) {
  std::string out;
  const std::map<char, char> simple{{'e', '\x1b'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'},
                                    {'b', '\b'},   {'\\', '\\'}, {'s', ' '}};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
    } else if (text[i + 1] == 'x') {
      out.push_back(static_cast<char>(std::stoi(text.substr(i + 2, 2), nullptr, 16)));
      i += 3;
    } else {
      out.push_back(simple.at(text[++i]));
    }
  }
  return out;
}

std::string escaped(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\x1b')
      out += "\\e";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else
      out.push_back(c);
  }
  return out;
}

class Case {
 public:
  explicit Case(std::string where) : where_(std::move(where)) {}

  void run(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string word = line.substr(0, space);
    const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
    SCOPED_TRACE(where_ + ": " + line);
    if (act(word, rest)) return;
    EXPECT_EQ(observed(word, rest), rest);
  }
  void expect_screen(const std::vector<std::string>& rows) {
    SCOPED_TRACE(where_ + ": screen");
    EXPECT_EQ(screen(), rows);
  }

 private:
  bool act(const std::string& word, const std::string& rest) {
    std::istringstream in(rest);
    if (word == "size" || word == "resize") {
      int rows = 0;
      int cols = 0;
      in >> rows >> cols;
      options_.size = {Rows{rows}, Cols{cols}};
      if (word == "resize") terminal().resize(options_.size);
    } else if (word == "plain") {
      options_.kind = TerminalOptions::Kind::plain;
    } else if (word == "scrollback-limit") {
      in >> options_.scrollback_lines;
    } else if (word == "feed") {
      feed(unescaped(rest));
    } else if (word == "feed-times") {
      int times = 0;
      std::string what;
      in >> times >> what;
      std::string all;
      for (; times > 0; --times) all += unescaped(what);
      feed(all);
    } else if (word == "back") {
      in >> back_;
    } else {
      return false;
    }
    return true;
  }

  std::string observed(const std::string& word, const std::string& rest) {
    std::istringstream in(rest);
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    in >> first >> second;
    const ScreenSnapshot shot = terminal().snapshot(back_);
    if (word == "cursor")
      return std::to_string(shot.cursor.row) + ' ' + std::to_string(shot.cursor.col) +
             (shot.cursor_visible ? "" : " hidden");
    if (word == "style") {
      const Cell cell = shot.row(static_cast<int>(first))[second];
      return std::to_string(first) + ' ' + std::to_string(second) + ' ' +
             sgr_params(tables_.style(cell.style));
    }
    if (word == "shape")
      return shot.cursor_shape == CursorShape::block ? "block"
             : shot.cursor_shape == CursorShape::bar ? "bar"
                                                     : "underline";
    if (word == "line") return std::to_string(first) + ' ' + escaped(terminal().line(first));
    if (word == "lines")
      return std::to_string(terminal().first_kept_line()) + ' ' +
             std::to_string(terminal().open_line()) + ' ' + std::to_string(terminal().line_end());
    if (word == "line-length")
      return std::to_string(first) + ' ' + std::to_string(terminal().line(first).size());
    if (word == "changed") {
      const auto from = terminal().take_changed_from();
      return from ? std::to_string(*from) : "none";
    }
    if (word == "reply") return escaped(std::exchange(result_.replies, {}));
    if (word == "title") return terminal().title();
    if (word == "url-host") return terminal().url_host();
    if (word == "bell") return std::exchange(result_.bell, false) ? "yes" : "no";
    if (word == "alternate") return terminal().alternate() ? "yes" : "no";
    if (word == "reversed") return shot.reverse ? "yes" : "no";
    if (word == "rows-above") return std::to_string(terminal().scrollback_rows());
    if (word == "marks") return marks();
    if (word == "same-rows")
      return terminal().row_hash(static_cast<int>(first)) ==
                     terminal().row_hash(static_cast<int>(second))
                 ? rest
                 : "different";
    return "unknown word: " + word;
  }

  void feed(const std::string& bytes) {
    FeedResult result = terminal().feed(bytes);
    result_.replies += result.replies;
    result_.bell = result_.bell || result.bell;
    result_.marks.insert(result_.marks.end(), result.marks.begin(), result.marks.end());
  }

  std::string marks() {
    std::string out;
    for (const ShellMark& mark : std::exchange(result_.marks, {})) {
      out += (out.empty() ? "" : " ") + std::string(1, "ABCD"[static_cast<int>(mark.kind)]) +
             std::to_string(mark.line);
      if (mark.exit_status) out += '=' + std::to_string(*mark.exit_status);
    }
    return out;
  }

  std::vector<std::string> screen() {
    const ScreenSnapshot shot = terminal().snapshot(back_);
    std::vector<std::string> rows;
    for (int r = 0; r < shot.size.rows.value; ++r) {
      std::string row = "|";
      for (int c = 0; c < shot.size.cols.value; ++c) tables_.append_utf8(shot.row(r)[c].glyph, row);
      rows.push_back(row + "|");
    }
    return rows;
  }

  HostTerminal& terminal() {
    if (!terminal_) terminal_.emplace(tables_, options_);
    return *terminal_;
  }

  std::string where_;
  CellTables tables_;
  TerminalOptions options_;
  std::optional<HostTerminal> terminal_;
  FeedResult result_;
  int back_ = 0;
};

// One case: its lines in order; rows of the screen follow the word `screen`.
void run_case(const std::string& name, const std::vector<std::string>& lines) {
  Case subject(name);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i] != "screen") {
      subject.run(lines[i]);
      continue;
    }
    std::vector<std::string> rows;
    while (i + 1 < lines.size() && lines[i + 1][0] == '|') rows.push_back(lines[++i]);
    subject.expect_screen(rows);
  }
}

struct GoldenCase {
  std::string name;  // with its file
  std::vector<std::string> lines;
};

void PrintTo(const GoldenCase& subject, std::ostream* out) {
  *out << subject.name;
}

std::vector<GoldenCase> read_cases(const std::filesystem::path& path) {
  std::vector<GoldenCase> cases;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("== ", 0) == 0)
      cases.push_back({path.filename().string() + ": " + line.substr(3), {}});
    else if (!line.empty() && line[0] != '#' && !cases.empty())
      cases.back().lines.push_back(line);
  }
  return cases;
}

std::vector<GoldenCase> cases_in(const char* folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(BDSH_TEST_DATA) / folder))
    if (entry.path().extension() == ".txt") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<GoldenCase> all;
  for (const auto& path : files)
    for (GoldenCase& one : read_cases(path)) all.push_back(std::move(one));
  return all;
}

TEST(Golden, Cases) {
  const std::vector<GoldenCase> cases = cases_in("cases");
  for (const auto& [name, lines] : cases) run_case(name, lines);
  EXPECT_GE(cases.size(), 50U) << "cases have been lost";
}

// What terminals of this kind are expected to do, one test each: tests/pty/conformance makes the
// table in docs/terminal.md from them.
class Behaviour : public testing::TestWithParam<GoldenCase> {};

TEST_P(Behaviour, IsAsDocumented) {
  run_case(GetParam().name, GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(All, Behaviour, testing::ValuesIn(cases_in("behaviours")));

TEST(Golden, NoBehaviourIsLost) {
  EXPECT_GE(cases_in("behaviours").size(), 440U);
}

}  // namespace
}  // namespace bdsh::pty
