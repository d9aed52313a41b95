// Reports as a person reads them.
#include "report/text_report.hpp"

#include "golden.hpp"

namespace bdsh::report {
namespace {

TEST(TextReport, AllAgree) {
  RunResult run = twelve();
  run.outcome.reference = 0;
  add_variant(run, HostSet::first(12), 0, {"active", "since monday"});
  expect_golden("agree.txt", text_report(run, {}));
}

TEST(TextReport, VariantsAndFailures) {
  const RunResult run = six_of_twelve();
  expect_golden("variants.txt", text_report(run, {}));
  expect_golden("variants-color.txt", text_report(run, {.color = true, .context = 1}));
}

TEST(TextReport, ATieHasNoReference) {
  RunResult run = run_of("uname -r", {{"a", "", exited(0), 1}, {"b", "", exited(0), 1}});
  add_variant(run, hosts({0}), 0, {"6.1.0-18"});
  add_variant(run, hosts({1}), 0, {});
  expect_golden("tie.txt", text_report(run, {}));
}

TEST(TextReport, NothingFromAHostReachesTheTerminalRaw) {
  RunResult run = run_of("printf '\\033]0;x\\a'", {{"a\x1b[2J", "", exited(0), 1},
                                                   {"b", "", refused("\x1b[31mred\x07"), {}}});
  add_variant(run, hosts({0}), 0, {"\x1b]0;owned\x07\xff", "tab\there\r"});
  const std::string text = text_report(run, {});
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
  EXPECT_NE(text.find("tab here"), std::string::npos);
}

}  // namespace
}  // namespace bdsh::report
