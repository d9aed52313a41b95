#include "report/json_report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "results.hpp"

namespace bdsh::report {
namespace {

TEST(JsonReport, IsTheDocumentedDocument) {
  RunResult run = run_of("cat f", {{"web01", "", exited(0), 1.23456},
                                   {"web02", "", exited(0), 2.0},
                                   {"web03", "", exited(3), 0.5},
                                   {"web04", "127.0.0.4:22", refused(), {}}});
  run.outcome.reference = 0;
  add_variant(run, hosts({0, 1}), 0, {"one", "two"});
  add_variant(run, hosts({2}), 3, {});
  EXPECT_EQ(json_report(run), R"({
  "command": "cat f",
  "agree": 2,
  "of": 4,
  "hosts": [
    {
      "name": "web01",
      "state": "ok",
      "exit_status": 0,
      "signal": null,
      "error": null,
      "seconds": 1.235,
      "variant": "A"
    },
    {
      "name": "web02",
      "state": "ok",
      "exit_status": 0,
      "signal": null,
      "error": null,
      "seconds": 2.0,
      "variant": "A"
    },
    {
      "name": "web03",
      "state": "failed",
      "exit_status": 3,
      "signal": null,
      "error": null,
      "seconds": 0.5,
      "variant": "B"
    },
    {
      "name": "web04",
      "state": "unreachable",
      "exit_status": null,
      "signal": null,
      "error": "connection refused",
      "seconds": null,
      "variant": null
    }
  ],
  "variants": [
    {
      "id": "A",
      "reference": true,
      "hosts": [
        "web01",
        "web02"
      ],
      "exit_status": 0,
      "lines": 2,
      "text": "one\ntwo"
    },
    {
      "id": "B",
      "reference": false,
      "hosts": [
        "web03"
      ],
      "exit_status": 3,
      "lines": 0,
      "text": ""
    }
  ]
}
)");
}

TEST(JsonReport, SignalsShellsAndNoHosts) {
  RunResult run = run_of("", {{"a", "", killed("TERM"), 0.0}});
  run.command.reset();
  const auto document = nlohmann::json::parse(json_report(run));
  EXPECT_TRUE(document["command"].is_null());
  EXPECT_EQ(document["hosts"][0]["signal"], "TERM");
  EXPECT_TRUE(document["hosts"][0]["exit_status"].is_null());
  EXPECT_EQ(nlohmann::json::parse(json_report(RunResult{}))["hosts"].size(), 0U);
}

TEST(JsonReport, ForeignBytesStayValidJson) {
  RunResult run = run_of("c", {{"a", "", exited(0), 0.1}});
  add_variant(run, hosts({0}), 0, {"\xff\xfe caf\xc3\xa9 \x1b[31m \"q\""});
  const std::string text = json_report(run);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  const auto document = nlohmann::json::parse(text);
  EXPECT_EQ(document["variants"][0]["text"], "\xEF\xBF\xBD\xEF\xBF\xBD caf\xc3\xa9 \x1b[31m \"q\"");
}

}  // namespace
}  // namespace bdsh::report
