#include "report/transfer_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bdsh::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TransferHost host(const std::string& name, std::uint64_t files, std::uint64_t bytes) {
  TransferHost host;
  host.name = name;
  host.status.state = HostState::done;
  host.status.step = ConnectStep::live;
  host.status.exit = ExitResult{0, {}};
  host.seconds = 2;
  host.files = host.files_done = files;
  host.bytes = host.bytes_done = bytes;
  host.complete = true;
  return host;
}

TransferHost failed(TransferHost host, const std::string& path, const std::string& why) {
  host.status.exit.reset();
  host.status.error = Error{ErrorKind::channel, path + ": " + why};
  host.problems = {{path, why}};
  host.problem_count = 1;
  --host.files_done;
  return host;
}

constexpr std::uint64_t kMiB = 1U << 20U;

TEST(TransferText, HostsWithTheSameOutcomeAreOneLine) {
  const TransferResult result{true, {host("web01", 3, kMiB), host("web02", 3, kMiB), host("web03", 3, 2 * kMiB)}, 2};
  EXPECT_EQ(transfer_text(result, false),
            "uploaded to 3 of 3 hosts: 4.0 MiB in 0:02, 2.0 MiB/s\n"
            "web[01-02] (2): 3 files, 1.0 MiB\n"
            "web03 (1): 3 files, 2.0 MiB\n");
}

TEST(TransferText, FailuresComeLastWithTheirReasons) {
  TransferHost lost = host("web01", 2, kMiB);
  lost.status.exit.reset();
  lost.status.error = Error{ErrorKind::lost, "connection lost: reset"};
  lost.files_done = 1;
  const TransferResult result{false, {lost, failed(host("web02", 2, kMiB), "/etc/shadow", "permission denied"), host("web03", 2, kMiB)}, 2};
  EXPECT_EQ(transfer_text(result, false),
            "downloaded from 1 of 3 hosts: 3.0 MiB in 0:02, 1.5 MiB/s\n"
            "web03 (1): 2 files, 1.0 MiB\n"
            "web02 (1): 1 of 2 files, 1.0 MiB\n"
            "  /etc/shadow: permission denied\n"
            "web01 (1): 1 of 2 files, 1.0 MiB: connection lost: reset\n");
}

TEST(TransferText, WhatHostsSayCannotHarmTheTerminal) {
  const TransferResult result{true, {failed(host("web01", 2, 1), "a\x1b[2J\n", "b\x9b")}, 1};
  EXPECT_THAT(transfer_text(result, false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(transfer_text(result, true), HasSubstr("\x1b[31m"));
}

TEST(TransferText, ManyProblemsAreCut) {
  TransferHost bad = failed(host("web01", 100, 1), "p", "no");
  for (int i = 0; i < 49; ++i) bad.problems.emplace_back("p" + std::to_string(i), "no");
  bad.problem_count = 1234;
  bad.skipped = {{"/d/link", "a link to a directory"}};
  const std::string text = transfer_text({true, {bad}, 1}, false);
  EXPECT_THAT(text, HasSubstr("  and 1214 more\n"));
  EXPECT_THAT(text, HasSubstr("  left out: /d/link: a link to a directory\n"));
}

TEST(TransferJson, HasWhatScriptsNeed) {
  const auto document = nlohmann::json::parse(
      transfer_json({false, {host("web01", 3, 5), failed(host("web02", 2, 1), "/x\xff", "no")}, 1.23456}));
  EXPECT_EQ(document["job"], "download");
  EXPECT_EQ(document["seconds"], 1.235);
  EXPECT_EQ(document["hosts"][0]["state"], "ok");
  EXPECT_EQ(document["hosts"][0]["files"], 3);
  EXPECT_EQ(document["hosts"][1]["state"], "failed");
  EXPECT_EQ(document["hosts"][1]["problems"][0]["reason"], "no");
}

TEST(TransferProgress, OfAllHostsAndOfOne) {
  TransferHost running = host("web01", 10, 100 * kMiB);
  running.status.exit.reset();
  running.status.state = HostState::running;
  running.bytes_done = 25 * kMiB;
  running.files_done = 2;
  EXPECT_EQ(host_line(running, {5.0 * kMiB, 15}), "web01   25 %  25.0 MiB of 100.0 MiB  5.0 MiB/s  2/10 files  0:15 left");
  running.complete = false;
  EXPECT_EQ(host_line(running, {0, {}}), "web01   25 %  25.0 MiB of at least 100.0 MiB  0 B/s  2/10 files");
  EXPECT_EQ(transfer_line({true, {running, host("web02", 1, 100 * kMiB)}, 1}, {1.0 * kMiB, 75}),
            "uploading  62 %  125.0 MiB of 200.0 MiB  1.0 MiB/s  1:15 left  1/2 done, 1 running");
}

TEST(ClockTime, MinutesAndHours) {
  EXPECT_EQ(clock_time(7.4), "0:07");
  EXPECT_EQ(clock_time(754), "12:34");
  EXPECT_EQ(clock_time(3723), "1:02:03");
}

}  // namespace
}  // namespace bdsh::report
