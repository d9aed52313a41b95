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

TEST(TextReport, OneReasonIsOneLineWhateverTheAddresses) {
  const auto reasons = [](const std::string& first, const std::string& second) {
    RunResult run = run_of("true", {{"web01", "web01.example:22", refused(first), {}},
                                    {"web02", "web02.example:22", refused(second), {}}});
    const std::string text = text_report(run, {});
    return text.substr(text.find("unreachable"));
  };
  EXPECT_EQ(reasons("connection refused by 10.0.0.1 port 22", "connection refused by 10.0.0.2 port 22"),
            "unreachable (2)\n  web[01-02]: connection refused\n");
  EXPECT_EQ(reasons("cannot connect to 10.0.0.1 port 22: No route to host",
                    "cannot connect to fe80::2 port 22: No route to host"),
            "unreachable (2)\n  web[01-02]: cannot connect: No route to host\n");
  EXPECT_EQ(reasons("cannot resolve \"web01.example\": no such host name",
                    "cannot resolve \"web02.example\": no such host name"),
            "unreachable (2)\n  web[01-02]: cannot resolve: no such host name\n");
  // A host alone keeps its address, said once.
  EXPECT_EQ(reasons("connection refused by 10.0.0.1 port 22", "no host key"),
            "unreachable (2)\n  web01: connection refused by 10.0.0.1 port 22\n"
            "  web02: no host key (web02.example:22)\n");
}

TEST(TextReport, AFilterThatNoDifferencePassesIsNoSameOutput) {
  const RunResult run = six_of_twelve();
  TextOptions options;
  options.filters.grep = *consensus::LinePattern::compile("nowhere");
  const std::string text = text_report(run, options);
  EXPECT_EQ(text.find("same output"), std::string::npos) << text;
  EXPECT_NE(text.find("  B: exit 3"), std::string::npos);
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
