// What stands on disk, and what becomes of it.
#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "run/remove_run.hpp"
#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr HostId kWeb01{0};

std::vector<std::string> listing(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    names.push_back(fs::relative(entry.path(), directory).string());
  return names;
}

TEST(RunDirectory, HasTheDocumentedFilesAndModesWhateverTheUmask) {
  const Temporary temporary;
  const mode_t before = ::umask(0277);
  auto writer = start(some_run({"web01"}), temporary / "run");
  writer->append(kWeb01, "x", after_ms(1));
  writer->set_status(kWeb01, exited(0), after_ms(2));
  writer->event("started", after_ms(0));
  writer->resized(Size{Rows{30}, Cols{90}}, after_ms(1));
  EXPECT_TRUE(writer->set_keep(true).ok());
  writer->close(after_ms(3));
  ::umask(before);
  EXPECT_THAT(listing(temporary / "run"),
              UnorderedElementsAre("run.yaml", ".keep", "events.log", "resize.log", "replay",
                                   "web01", "web01/command", "web01/out.log", "web01/out.timing",
                                   "web01/meta.yaml"));
  EXPECT_EQ(mode(temporary / "run"), 0700U);
  for (const std::string& name : listing(temporary / "run"))
    EXPECT_EQ(mode(temporary / "run" / name), name == "web01" ? 0700U : 0600U) << name;
}

TEST(RunDirectory, FilesSayWhatTheDocumentationSays) {
  const Temporary temporary;
  auto writer = start(some_run({"web01"}), temporary / "run");
  writer->set_status(kWeb01, running(), after_ms(100));
  writer->append(kWeb01, "one\n", after_ms(250));
  writer->append(kWeb01, "two\n", after_ms(1500));
  writer->append(kWeb01, "same moment\n", after_ms(1500));
  writer->set_status(kWeb01, exited(3), after_ms(2000));
  writer->event(kWeb01, "exit 3", after_ms(2000));
  writer->close(after_ms(2100));
  const fs::path run = temporary / "run";
  EXPECT_EQ(content(run / "web01/out.log"), "one\ntwo\nsame moment\n");
  EXPECT_EQ(content(run / "web01/out.timing"), "0.250000 4\n1.250000 16\n");
  EXPECT_EQ(content(run / "events.log"), "2026-03-01T12:00:02.000000Z\tweb01\texit 3\n");
  EXPECT_EQ(content(run / "web01/meta.yaml"),
            "host: \"web01\"\nstate: failed\nstep: live\nexited: true\nexit_status: 3\n"
            "signal: null\nstart: 2026-03-01T12:00:00.100000Z\nend: 2026-03-01T12:00:02.000000Z\n"
            "error_kind: null\nerror: null\nbytes: 20\nlog_error: null\n");
  EXPECT_EQ(
      content(run / "run.yaml"),
      "format: 1\nname: \"web\"\ncommand: \"uptime\"\npty: true\nsize: {rows: 24, columns: 80}\n"
      "started: 2026-03-01T12:00:00.000000Z\nfinished: 2026-03-01T12:00:02.100000Z\n"
      "program: bdsh-tui\nversion: \"0.1\"\narguments: [\"-g\", \"web\", \"--\", \"uptime\"]\n"
      "hosts:\n"
      "  - {name: \"web01\", folder: \"web01\", original: \"web01\", address: \"127.0.0.2\", "
      "port: 22, user: \"root\", group: \"\", expression: \"\"}\n...\n");
}

TEST(RunDirectory, AClockSetBackGivesNoNegativeDelay) {
  const Temporary temporary;
  auto writer = start(some_run({"web01"}), temporary / "run");
  writer->append(kWeb01, "a", after_ms(5000));
  while (writer->pending_bytes() > 0) std::this_thread::yield();
  writer->append(kWeb01, "b", after_ms(1000));
  while (writer->pending_bytes() > 0) std::this_thread::yield();
  writer->append(kWeb01, "c", after_ms(6000));
  writer->close(after_ms(7000));
  EXPECT_EQ(content(temporary / "run/web01/out.timing"), "5.000000 1\n0.000000 1\n1.000000 1\n");
}

TEST(RunDirectory, ScriptreplayPlaysTheWholeLog) {
  const Temporary temporary;
  auto writer = start(some_run({"web01"}), temporary / "run");
  std::string log;
  for (int i = 0; i < 50; ++i) {
    const std::string bytes =
        i % 7 == 0 ? std::string("\r\n")
                   : "\x1b[3" + std::to_string(i % 8) + "m line " + std::to_string(i);
    writer->append(kWeb01, bytes, after_ms(i * 2));
    log += bytes;
  }
  writer->close(after_ms(200));
  int status = -1;
  const std::string played = output_of(
      "sh '" + (temporary / "run/replay").string() + "' web01 --divisor 10 2>&1", &status);
  EXPECT_EQ(status, 0) << played;
  EXPECT_EQ(played, log + "\n");  // scriptreplay ends with a line end of its own
}

TEST(RunDirectory, GoesBelowTheStateHomeByDefaultUnderATimeAndAName) {
  const Temporary temporary;
  RunDescription what = some_run({"a"});
  what.name = "we b/..";
  auto first = RunWriter::create(what, {}, temporary / "state");
  auto second = RunWriter::create(what, {}, temporary / "state");
  ASSERT_TRUE(first.ok() && second.ok());
  const std::string name = (*first)->directory().filename().string();
  EXPECT_THAT((*first)->directory().parent_path(), temporary / "state/bdsh/runs");
  EXPECT_THAT(name, testing::MatchesRegex("[0-9]{8}-[0-9]{6}-we_b_._"));
  EXPECT_EQ((*second)->directory().filename().string(), name + "-2");
}

TEST(RunDirectory, IsRemovedUnlessKept) {
  const Temporary temporary;
  auto kept = start(some_run({"a"}), temporary / "kept");
  EXPECT_FALSE(kept->keep());
  EXPECT_TRUE(kept->set_keep(true).ok());
  EXPECT_TRUE(kept->set_keep(true).ok());
  EXPECT_TRUE(kept->keep());
  kept->close(after_ms(1));
  EXPECT_TRUE(kept->remove_unless_kept().ok());
  EXPECT_TRUE(fs::exists(temporary / "kept/run.yaml"));

  auto dropped = start(some_run({"a"}), temporary / "dropped");
  EXPECT_TRUE(dropped->set_keep(true).ok());
  fs::remove(temporary / "dropped/.keep");  // by hand counts too
  EXPECT_FALSE(dropped->keep());
  dropped->close(after_ms(1));
  EXPECT_TRUE(dropped->remove_unless_kept().ok());
  EXPECT_FALSE(fs::exists(temporary / "dropped"));
}

TEST(RunDirectory, RemovalNeverFollowsALink) {
  const Temporary temporary;
  fs::create_directories(temporary / "precious/deep");
  put(temporary / "precious/file", "x");
  auto writer = start(some_run({"a", "b"}), temporary / "run");
  writer->close(after_ms(1));
  fs::create_directory_symlink(temporary / "precious", temporary / "run/link");
  fs::create_directory_symlink(temporary / "precious", temporary / "run/a/link");
  fs::create_symlink(temporary / "precious/file", temporary / "run/b/out.log");
  fs::create_directories(temporary / "run/b/deep/deeper");
  EXPECT_TRUE(writer->remove_unless_kept().ok());
  EXPECT_FALSE(fs::exists(temporary / "run"));
  EXPECT_TRUE(fs::exists(temporary / "precious/deep"));
  EXPECT_EQ(content(temporary / "precious/file"), "x");
}

TEST(RunDirectory, RemovalLeavesWhatTookItsPlace) {
  const Temporary temporary;
  auto writer = start(some_run({"a"}), temporary / "run");
  writer->close(after_ms(1));
  fs::rename(temporary / "run", temporary / "moved");
  fs::create_directory(temporary / "run");
  put(temporary / "run/mine", "x");
  EXPECT_TRUE(writer->remove_unless_kept().ok());
  EXPECT_EQ(content(temporary / "run/mine"), "x");
}

TEST(RunDirectory, WritesNothingThroughALinkPutInAFoldersPlace) {
  const Temporary temporary;
  fs::create_directory(temporary / "victim");
  auto writer = start(some_run({"a"}), temporary / "run");
  while (!fs::exists(temporary / "run/a/command")) std::this_thread::yield();
  put(temporary / "victim/out.log", "untouched");
  fs::create_symlink(temporary / "victim/out.log", temporary / "run/a/out.log");
  writer->append(HostId{0}, "evil", after_ms(1));
  writer->close(after_ms(2));
  EXPECT_EQ(content(temporary / "victim/out.log"), "untouched");
  const auto error = writer->take_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->message, HasSubstr("a: out.log"));
}

TEST(RunDirectory, RefusalsNameThePathAndTheReason) {
  const Temporary temporary;
  fs::create_directory(temporary / "full");
  put(temporary / "full/file", "x");
  put(temporary / "file", "x");
  fs::create_directory(temporary / "real");
  fs::create_directory_symlink(temporary / "real", temporary / "link");
  const struct {
    fs::path path;
    const char* reason;
  } table[] = {
      {temporary / "full", "exists and is not empty"}, {temporary / "file", "Not a directory"},
      {temporary / "file" / "run", "Not a directory"}, {temporary / "link", "Not a directory"},
      {"/proc/bdsh/run", "No such file or directory"},
  };
  for (const auto& row : table) {
    const auto writer = RunWriter::create(some_run({"a"}), row.path, "/nonexistent");
    ASSERT_FALSE(writer.ok()) << row.path;
    EXPECT_THAT(writer.error().message, HasSubstr(row.reason));
    EXPECT_EQ(writer.error().message.find('\n'), std::string::npos);
    EXPECT_THAT(writer.error().message, StartsWith("/"));
  }
  EXPECT_EQ(content(temporary / "full/file"), "x");
}

TEST(RunDirectory, ALiveRunIsLockedAndOnlyARunIsRemoved) {
  const Temporary temporary;
  fs::create_directory(temporary / "photos");
  put(temporary / "photos/a.jpg", "x");
  EXPECT_THAT(remove_run(temporary / "photos").error().message, HasSubstr("not a run directory"));
  auto writer = start(some_run({"a"}), temporary / "run");
  EXPECT_THAT(remove_run(temporary / "run").error().message, HasSubstr("still live"));
  writer->close(after_ms(1));
  writer.reset();
  EXPECT_TRUE(remove_run(temporary / "run").ok());
  EXPECT_FALSE(fs::exists(temporary / "run"));
  EXPECT_TRUE(fs::exists(temporary / "photos/a.jpg"));
}

TEST(RunDirectory, AFullDiskIsReportedOnceAndTheOthersGoOn) {
  const Temporary temporary;
  auto writer = start(some_run({"a", "b"}), temporary / "run");
  while (!fs::exists(temporary / "run/b/command")) std::this_thread::yield();
  // A directory in the log's place stands for a disk that refuses this one file.
  fs::create_directory(temporary / "run/a/out.log");
  for (int i = 0; i < 3; ++i) {
    writer->append(HostId{0}, "lost", after_ms(i * 10));
    writer->append(HostId{1}, "kept", after_ms(i * 10));
    while (writer->pending_bytes() > 0) std::this_thread::yield();
  }
  writer->close(after_ms(100));
  ASSERT_TRUE(writer->take_error().has_value());
  EXPECT_FALSE(writer->take_error().has_value());
  EXPECT_EQ(content(temporary / "run/b/out.log"), "keptkeptkept");
}

TEST(RunDirectory, SurvivesBeingRemovedWhileItIsWritten) {
  const Temporary temporary;
  auto writer = start(some_run({"a"}), temporary / "run");
  while (!fs::exists(temporary / "run/a/command")) std::this_thread::yield();
  fs::remove_all(temporary / "run");
  writer->append(HostId{0}, "x", after_ms(1));
  writer->set_status(HostId{0}, exited(0), after_ms(2));
  writer->close(after_ms(3));
  EXPECT_TRUE(writer->take_error().has_value());
  EXPECT_TRUE(writer->remove_unless_kept().ok());
}

// 300 hosts on 100 descriptors, written to in turn: the least recently used files are closed.
TEST(RunDirectory, FewDescriptorsServeManyHosts) {
  const Temporary temporary;
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  struct rlimit few = before;
  few.rlim_cur = 100;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<std::string> names;
  for (int i = 0; i < 300; ++i) names.push_back("h" + std::to_string(i));
  auto writer = start(some_run(names), temporary / "run");
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < 300; ++i) writer->append(HostId{i}, "x", after_ms(round * 10));
    while (writer->pending_bytes() > 0) std::this_thread::yield();
  }
  writer->close(after_ms(100));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const auto error = writer->take_error();
  EXPECT_FALSE(error.has_value()) << error->message;
  for (const std::string& name : names)
    EXPECT_EQ(content(temporary / "run" / name / "out.log"), "xxx");
}

}  // namespace
}  // namespace bdsh::run
