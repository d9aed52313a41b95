// From the comparison itself to the reports.
#include <gmock/gmock.h>

#include "report/json_report.hpp"
#include "report/text_report.hpp"
#include "results.hpp"

namespace bdsh::report {
namespace {

using testing::HasSubstr;

TEST(Gather, ReportsWhatTheComparisonSays) {
  consensus::Comparison comparison({{"a"}, {"b"}, {"c"}}, {});
  const std::vector<std::vector<std::string>> printed = {
      {"one", "two"}, {"one", "two"}, {"one", "2", "three"}};
  for (std::uint32_t i = 0; i < 3; ++i) {
    comparison.set_lines(HostId{i}, 0, printed[i]);
    comparison.set_progress(HostId{i}, {consensus::Progress::Kind::finished, ExitResult{0, ""}});
  }
  const RunResult run =
      gather("cat f", {{"a", "", exited(0), 1}, {"b", "", exited(0), 1}, {"c", "", exited(0), 1}},
             comparison);
  ASSERT_EQ(run.variants.size(), 2U);
  EXPECT_EQ(run.variants[0].lines, printed[0]);
  const std::string text = text_report(run, {});
  EXPECT_THAT(text, HasSubstr("2 of 3 agree: cat f\n"));
  EXPECT_THAT(text, HasSubstr("  one\n- two\n"));
  EXPECT_THAT(text, HasSubstr("+ three\n"));
  EXPECT_THAT(json_report(run), HasSubstr("\"text\": \"one\\n2\\nthree\""));
}

}  // namespace
}  // namespace bdsh::report
