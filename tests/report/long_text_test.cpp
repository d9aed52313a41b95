// Texts of which memory holds only the beginning.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/json_report.hpp"
#include "report/page_report.hpp"
#include "report/text_report.hpp"
#include "results.hpp"

namespace bdsh::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// "1" … `all`, of which the first `kept` are in memory; `readable`: the log has that many.
RunResult long_run(std::size_t all, std::size_t kept, std::optional<std::size_t> readable) {
  RunResult run = run_of("seq", {{"web01", "", exited(0), 1.0}});
  run.outcome.reference = 0;
  std::vector<std::string> lines;
  for (std::size_t i = 1; i <= kept; ++i) lines.push_back(std::to_string(i));
  add_variant(run, hosts({0}), 0, std::move(lines));
  run.outcome.variants[0].line_count = all;
  run.variants[0].more = all - kept;
  if (readable)
    run.variants[0].all = [n = *readable](const TakeLine& take) {
      for (std::size_t i = 1; i <= n; ++i)
        if (!take(std::to_string(i))) return;
    };
  return run;
}

std::vector<std::string> shown(const Filters& filters, const RunResult& run, std::size_t* lost = nullptr) {
  std::vector<std::string> lines;
  const std::size_t out_of_reach = show_lines(filters, run.variants[0], [&](const std::string& line) {
    lines.push_back(line);
    return true;
  });
  if (lost != nullptr) *lost = out_of_reach;
  return lines;
}

TEST(LongText, IsReadAgainFromTheLog) {
  const RunResult run = long_run(6, 2, 6);
  EXPECT_THAT(shown({}, run), ElementsAre("1", "2", "3", "4", "5", "6"));
  EXPECT_THAT(text_report(run, {}), HasSubstr("\n2\n3\n4\n5\n6\n"));
  EXPECT_EQ(nlohmann::json::parse(json_report(run))["variants"][0]["text"], "1\n2\n3\n4\n5\n6");
  EXPECT_EQ(nlohmann::json::parse(json_report(run))["variants"][0]["lines"], 6);
  EXPECT_THAT(markdown_report(run, "run"), HasSubstr("5\n6\n"));
}

TEST(LongText, FiltersLookAtAllOfIt) {
  const RunResult run = long_run(30, 2, 30);
  Filters filters;
  filters.tail = 2;
  EXPECT_THAT(shown(filters, run), ElementsAre("29", "30"));
  filters.grep = *consensus::LinePattern::compile("7");
  EXPECT_THAT(shown(filters, run), ElementsAre("17", "27"));
  filters.tail.reset();
  filters.head = 1;
  EXPECT_THAT(shown(filters, run), ElementsAre("7"));
  filters.head = 0;
  EXPECT_THAT(shown(filters, run), ElementsAre());
}

TEST(LongText, WhatIsOutOfReachIsSaid) {
  const RunResult run = long_run(30, 2, std::nullopt);
  EXPECT_THAT(text_report(run, {}), HasSubstr("\n2\n(28 more lines: compared, but not kept to be shown)\n"));
  TextOptions grep;
  grep.filters.grep = *consensus::LinePattern::compile("29");
  EXPECT_THAT(text_report(run, grep), HasSubstr("28 more lines"));
  EXPECT_THAT(text_report(run, grep), Not(HasSubstr("no such line")));
  EXPECT_EQ(nlohmann::json::parse(json_report(run))["variants"][0]["lines"], 30);
  EXPECT_THAT(html_report(run, "run"), HasSubstr("28 more lines"));
}

TEST(LongText, ALogThatIsNotWholeIsNoWholeText) {
  const RunResult run = long_run(30, 2, 20);
  std::size_t lost = 0;
  EXPECT_EQ(shown({}, run, &lost).size(), 20U);
  EXPECT_EQ(lost, 10U);
  EXPECT_THAT(text_report(run, {}), HasSubstr("\n20\n(10 more lines:"));
}

TEST(LongText, WhoHasEnoughMissesNothing) {
  std::size_t lost = 1;
  Filters filters;
  filters.head = 3;
  EXPECT_EQ(shown(filters, long_run(30, 2, 20), &lost).size(), 3U);
  EXPECT_EQ(lost, 0U);
}

TEST(LongText, ADiffSaysWhereItEnds) {
  RunResult run = long_run(30, 2, 30);
  add_variant(run, hosts({0}), 0, {"1", "2"}, {});
  run.variants[1].more = 27;
  EXPECT_THAT(text_report(run, {}),
              HasSubstr("---\n(no difference in the first 2 lines; what follows is compared as a whole, "
                        "27 lines of this one)\n"));
  EXPECT_THAT(text_report(run, {}), Not(HasSubstr("same output")));
}

TEST(LongText, GoesOutPieceByPiece) {
  const RunResult run = long_run(100'000, 2, 100'000);
  std::size_t largest = 0;
  std::size_t pieces = 0;
  EXPECT_TRUE(write_text_report(run, {}, [&](std::string_view piece) {
    largest = std::max(largest, piece.size());
    ++pieces;
    return true;
  }));
  EXPECT_LT(largest, 100'000U);
  EXPECT_GT(pieces, 5U);
  int calls = 0;
  EXPECT_FALSE(write_text_report(run, {}, [&](std::string_view) { return ++calls < 2; }));
  EXPECT_EQ(calls, 2);
  calls = 0;
  EXPECT_FALSE(write_json_report(run, {}, [&](std::string_view) { return ++calls < 3; }));
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace bdsh::report
