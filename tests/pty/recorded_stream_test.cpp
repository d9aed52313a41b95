// Recorded programs, cell by cell against what tmux shows for the same bytes (see
// compare-with-tmux, which wrote the .screen files).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "pty/host_terminal.hpp"
#include "pty/pen.hpp"

namespace bdsh::pty {
namespace {

constexpr Size kSize{Rows{24}, Cols{80}};

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::filesystem::path> streams() {
  std::vector<std::filesystem::path> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(BDSH_TEST_DATA) / "streams"))
    if (entry.path().extension() == ".stream") out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

struct TmuxScreen {
  std::size_t bytes = 0;
  Point cursor;
  std::vector<std::string> rows;  // text with SGR sequences
};

std::vector<TmuxScreen> tmux_screens(const std::string& text) {
  std::vector<TmuxScreen> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("@ ", 0) != 0) {
      out.back().rows.push_back(line);
      continue;
    }
    std::istringstream head(line.substr(2));
    TmuxScreen& screen = out.emplace_back();
    head >> screen.bytes >> screen.cursor.row >> screen.cursor.col;
  }
  return out;
}

struct TmuxCells {
  ScreenSnapshot screen;
  // How many columns of each row tmux told: it leaves out erased cells at the end, with their
  // background. Those are only known to be blank.
  std::vector<int> told;
};

// tmux's rows as cells: read by a terminal of ours, which is why the golden cases test SGR alone.
TmuxCells cells_of(CellTables& tables, const TmuxScreen& screen) {
  HostTerminal terminal(tables, {{kSize.rows, Cols{kSize.cols.value + 1}}});  // the cursor fits
  TmuxCells out;
  terminal.feed("\x1b)0");  // tmux writes line drawing between SO and SI
  for (std::size_t r = 0; r < screen.rows.size(); ++r) {
    terminal.feed("\x1b[" + std::to_string(r + 1) + "H" + screen.rows[r]);
    out.told.push_back(terminal.snapshot().cursor.col);
  }
  out.screen = terminal.snapshot();
  return out;
}

std::string cell_text(const CellTables& tables, Cell cell) {
  std::string out = "'";
  tables.append_utf8(cell.glyph, out);
  return out + "' " + sgr_params(tables.style(cell.style));
}

std::string first_difference(const CellTables& tables, const ScreenSnapshot& ours,
                             const TmuxCells& theirs, int row) {
  for (int c = 0; c < kSize.cols.value; ++c) {
    const Cell mine = ours.row(row)[c];
    const Cell other = theirs.screen.row(row)[c];
    const bool told = c < theirs.told[static_cast<std::size_t>(row)];
    if (told ? mine == other : mine.glyph == kBlank) continue;
    return "column " + std::to_string(c) + ": " + cell_text(tables, mine) +
           ", tmux: " + cell_text(tables, other);
  }
  return {};
}

class RecordedStream : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(RecordedStream, ShowsWhatTmuxShows) {
  const std::string bytes = read(GetParam());
  std::filesystem::path golden = GetParam();
  const std::vector<TmuxScreen> screens = tmux_screens(read(golden.replace_extension(".screen")));
  ASSERT_GE(screens.size(), 4U);
  CellTables tables;
  HostTerminal terminal(tables, {kSize});
  std::size_t fed = 0;
  int differences = 0;
  for (const TmuxScreen& expected : screens) {
    terminal.feed(std::string_view(bytes).substr(fed, expected.bytes - fed));
    fed = expected.bytes;
    const ScreenSnapshot ours = terminal.snapshot();
    const TmuxCells theirs = cells_of(tables, expected);
    for (int r = 0; r < kSize.rows.value; ++r) {
      const std::string difference = first_difference(tables, ours, theirs, r);
      EXPECT_EQ(difference, "") << "after " << fed << " bytes, row " << r;
      differences += difference.empty() ? 0 : 1;
    }
    // tmux counts a pending wrap as column 80.
    const int column = std::min(expected.cursor.col, kSize.cols.value - 1);
    EXPECT_EQ(ours.cursor, (Point{expected.cursor.row, column})) << "after " << fed << " bytes";
  }
  // For the table that tests/pty/conformance makes.
  RecordProperty("bytes", static_cast<int>(bytes.size()));
  RecordProperty("screens", static_cast<int>(screens.size()));
  RecordProperty("rows_that_differ", differences);
}

INSTANTIATE_TEST_SUITE_P(All, RecordedStream, testing::ValuesIn(streams()),
                         [](const auto& test) { return test.param.stem().string(); });

}  // namespace
}  // namespace bdsh::pty
