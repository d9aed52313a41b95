// Run directories as a crash, a full disk or a stranger leaves them: a warning, never an error.
#include <gmock/gmock.h>

#include <sys/stat.h>

#include <random>

#include "run/run_yaml.hpp"
#include "run/timing_cursor.hpp"
#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A closed run of three hosts that printed a few lines each.
void make_run(const fs::path& directory) {
  auto writer = start(some_run({"web01", "web02", "web03"}), directory);
  for (std::uint32_t i = 0; i < 3; ++i) {
    writer->append(HostId{i}, "first " + std::to_string(i) + "\n", after_ms(10));
    writer->append(HostId{i}, "second\n", after_ms(500));
    writer->set_status(HostId{i}, exited(static_cast<int>(i)), after_ms(600));
  }
  writer->close(after_ms(1000));
}

struct Opened {
  Seen seen;
  std::vector<std::string> warnings;
};

Opened open_run(const fs::path& directory) {
  auto reader = RunReader::open(directory);
  EXPECT_TRUE(reader.ok()) << (reader ? "" : reader.error().message);
  if (!reader) return {};
  Seen seen = read_all(**reader);
  return {std::move(seen), (*reader)->warnings()};
}

TEST(Damage, ATimingCutAtAnyByteLosesNoLog) {
  const Temporary temporary;
  make_run(temporary / "run");
  const fs::path timing = temporary / "run/web01/out.timing";
  const std::string whole = content(timing);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    put(timing, whole.substr(0, size));
    const Opened opened = open_run(temporary / "run");
    EXPECT_EQ(opened.seen.bytes.at(0), "first 0\nsecond\n") << size;
    EXPECT_EQ(opened.seen.story.at(0).back(), "done");
    EXPECT_THAT(opened.warnings, IsEmpty());
  }
}

TEST(Damage, AMetaCutAtAnyByteIsAtMostAWarning) {
  const Temporary temporary;
  make_run(temporary / "run");
  const fs::path meta = temporary / "run/web03/meta.yaml";
  const std::string whole = content(meta);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    put(meta, whole.substr(0, size));
    const Opened opened = open_run(temporary / "run");
    EXPECT_EQ(opened.seen.bytes.at(2), "first 2\nsecond\n") << size;
    EXPECT_TRUE(opened.seen.status.at(2).ended()) << size;
  }
}

TEST(Damage, ARunYamlCutAtAnyByteStillShowsEveryFolder) {
  const Temporary temporary;
  make_run(temporary / "run");
  const fs::path yaml = temporary / "run/run.yaml";
  const std::string whole = content(yaml);
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    put(yaml, whole.substr(0, size));
    const Opened opened = open_run(temporary / "run");
    std::string all;
    for (const auto& [host, bytes] : opened.seen.bytes) all += bytes;
    for (const char* text : {"first 0\n", "first 1\n", "first 2\n"})
      EXPECT_THAT(all, HasSubstr(text)) << size;
  }
}

TEST(Damage, AKilledRunIsOverAndItsHostsAreDisconnected) {
  const Temporary temporary;
  make_run(temporary / "run");
  std::string yaml = content(temporary / "run/run.yaml");
  yaml.replace(yaml.find("finished: ") + 10, 27, "null");
  put(temporary / "run/run.yaml", yaml);
  put(temporary / "run/web02/meta.yaml", "host: web02\nstate: running\nstep: live\n");
  const Opened opened = open_run(temporary / "run");
  EXPECT_EQ(opened.seen.status.at(1).state, HostState::disconnected);
  EXPECT_EQ(opened.seen.status.at(0), exited(0));
  EXPECT_THAT(opened.warnings, ElementsAre("the run ended without closing its files"));
}

TEST(Damage, LinksAndStrangeFilesAreNotRead) {
  const Temporary temporary;
  make_run(temporary / "run");
  put(temporary / "secret", "top secret\n");
  fs::create_directory(temporary / "elsewhere");
  put(temporary / "elsewhere/out.log", "top secret\n");
  fs::remove(temporary / "run/web01/out.log");
  fs::create_symlink(temporary / "secret", temporary / "run/web01/out.log");
  fs::remove_all(temporary / "run/web02");
  fs::create_directory_symlink(temporary / "elsewhere", temporary / "run/web02");
  fs::remove(temporary / "run/web03/out.log");
  ASSERT_EQ(::mkfifo((temporary / "run/web03/out.log").c_str(), 0600), 0);
  const Opened opened = open_run(temporary / "run");
  EXPECT_THAT(opened.seen.bytes, IsEmpty());
  EXPECT_EQ(opened.seen.status.at(0), exited(0));
  EXPECT_THAT(opened.warnings, Contains(HasSubstr("web02")));
}

TEST(Damage, FoldersOutsideTheRunAreRefused) {
  const Temporary temporary;
  make_run(temporary / "run");
  fs::create_directory(temporary / "elsewhere");
  put(temporary / "elsewhere/out.log", "top secret\n");
  std::string yaml = content(temporary / "run/run.yaml");
  const std::string folder = "folder: \"web01\"";
  yaml.replace(yaml.find(folder), folder.size(), "folder: \"../elsewhere\"");
  put(temporary / "run/run.yaml", yaml);
  const Opened opened = open_run(temporary / "run");
  EXPECT_EQ(opened.seen.bytes.count(0), 0U);
  EXPECT_EQ(opened.seen.bytes.at(1), "first 1\nsecond\n");
  EXPECT_THAT(opened.warnings, Contains(HasSubstr("names no folder inside the run")));
}

TEST(Damage, ForeignTextIsSanitised) {
  const Temporary temporary;
  make_run(temporary / "run");
  put(temporary / "run/web01/meta.yaml",
      "state: failed\nerror_kind: connect\nerror: \"\\e]0;x\\a evil\"\n");
  put(temporary / "run/events.log", "no tabs \x1b[2J\nt\tweb01\ta\tb\x07\nunfinished");
  const Opened opened = open_run(temporary / "run");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(opened.seen.status.at(0).error->message, bad + "]0;x" + bad + " evil");
  EXPECT_THAT(opened.seen.events, ElementsAre("no tabs " + bad + "[2J", "web01: a b" + bad));
}

TEST(Damage, WhatIsNoRunIsRefusedInOneLine) {
  const Temporary temporary;
  EXPECT_THAT(RunReader::open(temporary / "none").error().message, HasSubstr("No such file"));
  EXPECT_THAT(RunReader::open(temporary.path()).error().message, HasSubstr("not a run directory"));
  put(temporary / "file", "x");
  EXPECT_THAT(RunReader::open(temporary / "file").error().message, HasSubstr("Not a directory"));
}

TEST(Timing, OnlyItsOwnFormIsTaken) {
  EXPECT_EQ(parse_timing("1.5 3")->delay, std::chrono::milliseconds(1500));
  EXPECT_EQ(parse_timing("0.0000019 3")->delay, std::chrono::microseconds(1));
  EXPECT_EQ(parse_timing("12.000250 70000")->bytes, 70000U);
  for (const char* bad : {"", "1", "1.", "1.5", "1.5 ", "-1.5 3", "1.5 -3", "1.5 3 4", "1.5  3",
                          "x", "1e9.0 3", "99999999999.0 1", "1.5 99999999999999999999"})
    EXPECT_FALSE(parse_timing(bad).has_value()) << bad;
}

TEST(Timing, ALogAheadOfItsTimingHasTheLastKnownTime) {
  TimingCursor cursor;
  std::string_view text = "1.000000 4\n0.500000 4\n0.5";
  EXPECT_EQ(cursor.stretch(0, 100, text).end, 4U);
  EXPECT_EQ(cursor.stretch(4, 100, text).at, std::chrono::milliseconds(1500));
  const auto rest = cursor.stretch(8, 100, text);
  EXPECT_EQ(rest.end, 100U);
  EXPECT_EQ(rest.at, std::chrono::milliseconds(1500));
  EXPECT_FALSE(cursor.damaged());
  text = "oops\n";
  cursor.stretch(100, 200, text);
  EXPECT_TRUE(cursor.damaged());
}

TEST(Yaml, AnyTextSurvivesQuoting) {
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    std::string text;
    for (int k = 0; k < 20; ++k) text += static_cast<char>(0x20 + random() % 0x5F);
    RunRecord run;
    run.description = some_run({text});
    run.description.command = text;
    run.folders = {"x"};
    const auto read = parse_run_yaml(to_yaml(run));
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(read->description.command, text);
    EXPECT_EQ(read->description.hosts[0].name, text);
  }
}

}  // namespace
}  // namespace bdsh::run
