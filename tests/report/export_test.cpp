// Recordings, pages, pictures and differences of kept runs.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "golden.hpp"
#include "report/asciicast.hpp"
#include "report/json_report.hpp"
#include "report/page_report.hpp"
#include "report/run_diff.hpp"
#include "report/run_list.hpp"
#include "report/screen_svg.hpp"

namespace bdsh::report {
namespace {

using consensus::DiffRow;
using testing::HasSubstr;
using testing::Not;
using Micros = std::chrono::microseconds;

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.push_back(nlohmann::json::parse(text.substr(begin, end - begin)));
  return lines;
}

TEST(Asciicast, KeepsTimesAndCharactersWhole) {
  Asciicast cast({Rows{24}, Cols{80}}, {}, "web: web01");
  cast.output(Micros(1'500'000), "caf\xC3");
  cast.output(Micros(1'600'000), "\xA9\x1b[1m\"");
  cast.resized(Micros(1'550'000), {Rows{30}, Cols{100}});  // a clock that was set back
  cast.output(Micros(2'000'000), "\xFF\xE2");
  const auto lines = lines_of(cast.take());
  EXPECT_EQ(lines[0]["width"], 80);
  EXPECT_EQ(lines[1], (nlohmann::json{1.5, "o", "caf"}));
  EXPECT_EQ(lines[2], (nlohmann::json{1.6, "o", "\xC3\xA9\x1b[1m\""}));
  EXPECT_EQ(lines[3], (nlohmann::json{1.6, "r", "100x30"}));
  EXPECT_EQ(lines[4][2], "\xEF\xBF\xBD");
  EXPECT_EQ(lines.size(), 6U);
}

DiffRow changed(const std::string& left, const std::string& right) {
  return {DiffRow::Kind::changed, consensus::TextLine{left, {}}, consensus::TextLine{right, {}}};
}

RunDiff some_diff() {
  RunDiff diff;
  diff.before = "a";
  diff.after = "b";
  fold_changes({{{"web01"}, "", "", {changed("1", "2")}, false},
                {{"web02"}, "", "", {changed("1", "3")}, false},
                {{"web03"}, "", "", {changed("1", "2")}, false},
                {{"web04"}, "", "exit 3", {}, false},
                {{"web05"}, "", "", {}, false}},
               diff);
  return diff;
}

TEST(RunDiff, HostsWithTheSameChangeAreOneEntryTheMostFirst) {
  const RunDiff diff = some_diff();
  EXPECT_EQ(diff.unchanged, std::vector<std::string>{"web05"});
  ASSERT_EQ(diff.changes.size(), 3U);
  EXPECT_EQ(diff.changes[0].hosts, (std::vector<std::string>{"web01", "web03"}));
  const std::string text = run_diff_text(diff, {});
  EXPECT_THAT(text, HasSubstr("1 unchanged, 4 changed"));
  EXPECT_THAT(text, HasSubstr("web[01,03] (2)  1 line\n---------------\n- 1\n+ 2\n"));
  EXPECT_THAT(text, HasSubstr("ok -> exit 3"));
  EXPECT_EQ(lines_of(nlohmann::json::parse(run_diff_json(diff)).dump() + "\n")[0]["changes"][0]["lines"],
            (nlohmann::json{"-1", "+2"}));
}

TEST(Pages, WhatHostsPrintedIsNeverMarkup) {
  RunResult run;
  run.command = "echo <b>";
  run.hosts.push_back({"<i>", "", {}, {}});
  consensus::Variant variant;
  variant.reference = true;
  variant.hosts = HostSet::first(1);
  run.outcome.variants.push_back(variant);
  run.outcome.reference = 0;
  run.variants.push_back({{"</pre><script>x</script>", "```", "\x1b[31mred"}, {}});
  const std::string html = html_report(run, "a & \"b\"");
  for (const char* markup : {"<script", "<b>", "<i>\n", "\x1b"}) EXPECT_THAT(html, Not(HasSubstr(markup)));
  EXPECT_THAT(html, HasSubstr("&lt;/pre&gt;&lt;script&gt;"));
  EXPECT_THAT(html, HasSubstr("<title>a &amp; &quot;b&quot;</title>"));
  const std::string markdown = markdown_report(run, "a");
  EXPECT_THAT(markdown, HasSubstr("\n````\n</pre>"));
  EXPECT_THAT(markdown, HasSubstr("\\<i\\>"));
}

TEST(Pages, AreWhatThePersonGets) {
  const RunResult run = six_of_twelve();
  expect_golden("variants.md", markdown_report(run, "web"));
  expect_golden("variants.html", html_report(run, "web"));
  expect_golden("variants.json", json_report(run));
}

TEST(ScreenSvg, DrawsTextInItsColours) {
  CellTables tables;
  Style red;
  red.fg = Color::indexed(1);
  red.bg = Color::rgb(1, 2, 3);
  ScreenSnapshot screen;
  screen.size = {Rows{1}, Cols{3}};
  screen.cells = {{U'<', tables.intern(red)}, {U'x', 0}, {}};
  const std::string svg = screen_svg(screen, tables, "t");
  EXPECT_THAT(svg, HasSubstr("fill=\"#e0524a\">&lt;</text>"));
  EXPECT_THAT(svg, HasSubstr("fill=\"#010203\""));
  EXPECT_THAT(svg, HasSubstr(">x"));
}

TEST(ScreenSvg, IsWhatTheScreenShowed) {
  CellTables tables;
  Style bold;
  bold.bold = true;
  Style inverse;
  inverse.reverse = true;
  inverse.fg = Color::indexed(2);
  ScreenSnapshot screen;
  screen.size = {Rows{2}, Cols{6}};
  screen.cells.resize(12);
  const auto put = [&](std::size_t at, const std::u32string& text, StyleId style) {
    for (const char32_t c : text) screen.cells[at++] = {c, style};
  };
  put(0, U"web01", tables.intern(bold));
  put(6, U"ok", tables.intern(inverse));
  put(9, U"\u00fc&", 0);
  expect_golden("screen.svg", screen_svg(screen, tables, "web: web01"));
}

TEST(RunList, SaysAgesAndWhoWaits) {
  using namespace std::chrono_literals;
  EXPECT_EQ(age_text(90s), "90 s");
  EXPECT_EQ(age_text(3h), "3 h");
  EXPECT_EQ(age_text(200h), "8 d");
  RunLine run;
  run.name = "20260301-web";
  run.hosts = {"web01", "web02"};
  run.waiting = {"web02"};
  run.agree = 1;
  run.of = 2;
  const std::string text = run_list({run}, run.started + 5min);
  EXPECT_THAT(text, HasSubstr("20260301-web  2      5 min  1 of 2  waiting: web02"));
  run.kind = RunLine::Kind::detached;
  run.asking = {"web01", "web02"};
  EXPECT_THAT(run_list({run}, run.started + 5min), HasSubstr("asks: web[01-02]  waiting: web02"));
  EXPECT_THAT(run_list({run}, run.started), HasSubstr("detached  20260301-web"));
  EXPECT_THAT(run_list({}, {}), HasSubstr("no runs"));
}

}  // namespace
}  // namespace bdsh::report
