// Two kept runs compared, also when they are larger than what a comparison keeps.
#include "app/run_compare.hpp"

#include <gmock/gmock.h>

#include "app/setup.hpp"
#include "run/run_writer.hpp"

namespace bdsh::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr WallTime kStart{std::chrono::seconds(1772366400)};
constexpr std::uint32_t kHosts = 40;

class RunCompareTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "bdsh-compare-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  static std::string name_of(std::uint32_t host) { return "web" + std::to_string(100 + host); }

  // Every host prints 200 lines with its own name; `odd` ones print another last line.
  std::filesystem::path make(const std::string& name, const std::set<std::uint32_t>& odd,
                             std::uint32_t hosts = kHosts, int status = 0) {
    run::RunDescription what;
    what.name = name;
    what.command = "batch";
    what.pty = false;
    what.started = kStart;
    for (std::uint32_t i = 0; i < hosts; ++i) {
      HostSpec& host = what.hosts.emplace_back();
      host.name = host.original = name_of(i);
      host.address = "127.0.0.2";
    }
    auto writer = run::RunWriter::create(what, path_ / name, "/nonexistent").value();
    for (std::uint32_t i = 0; i < hosts; ++i) {
      std::string text;
      for (int line = 0; line < 200; ++line)
        text += name_of(i) + ": step number " + std::to_string(line) + " of all is done\n";
      writer->append(HostId{i}, text + (odd.contains(i) ? "bad\n" : "good\n"), kStart);
      HostStatus done;
      done.state = status == 0 ? HostState::done : HostState::failed;
      done.step = ConnectStep::live;
      done.exit = ExitResult{status, {}};
      writer->set_status(HostId{i}, done, kStart);
    }
    writer->close(kStart);
    return path_ / name;
  }

  // What was compared; `bytes` is how much of the runs' text a comparison keeps.
  static report::RunDiff compared(const RunsToCompare& runs, std::size_t bytes = 1U << 20U) {
    consensus::Options options;
    options.max_text_bytes = bytes;
    auto done = compare_runs(runs, options);
    EXPECT_TRUE(done.ok()) << (done ? "" : done.error().message);
    return done ? done->diff : report::RunDiff();
  }

  std::filesystem::path path_;
};

TEST_F(RunCompareTest, HostsWhoseLinesAreNotKeptAreComparedAllTheSame) {
  const RunsToCompare runs{make("one", {}), make("two", {3, 37, 39}), {}};
  for (const std::size_t bytes : {std::size_t{1} << 20U, std::size_t{64} << 10U}) {
    const report::RunDiff diff = compared(runs, bytes);
    EXPECT_THAT(diff.unchanged, SizeIs(kHosts - 3));
    ASSERT_THAT(diff.changes, SizeIs(1));
    EXPECT_THAT(diff.changes[0].hosts, ElementsAre("web103", "web137", "web139"));
    EXPECT_FALSE(diff.changes[0].cut);
    const auto& last = diff.changes[0].rows.back();
    EXPECT_EQ(last.left->text, "good");
    EXPECT_EQ(last.right->text, "bad");
  }
}

// What one host alone prints is too much: that it changed is still known.
TEST_F(RunCompareTest, OfTranscriptsThatAreTooLongItIsSaidThatTheyDiffer) {
  const report::RunDiff diff = compared({make("one", {}, 2), make("two", {1}, 2), {}}, 4096);
  EXPECT_THAT(diff.unchanged, ElementsAre("web100"));
  ASSERT_THAT(diff.changes, SizeIs(1));
  EXPECT_TRUE(diff.changes[0].cut);
  EXPECT_THAT(report::run_diff_text(diff, {}),
              HasSubstr("longer than what is compared line by line"));
}

TEST_F(RunCompareTest, OtherEndingsAndHostsOfOneRunAreChanges) {
  const report::RunDiff diff = compared({make("one", {}, 3), make("two", {}, 2, 4), {}});
  EXPECT_THAT(diff.unchanged, IsEmpty());
  EXPECT_THAT(diff.only_before, ElementsAre("web102"));
  ASSERT_THAT(diff.changes, SizeIs(1));
  EXPECT_THAT(diff.changes[0].hosts, ElementsAre("web100", "web101"));
  EXPECT_EQ(diff.changes[0].after, "exit 4");
}

TEST_F(RunCompareTest, OnlyTheHostsThatAreNamedAreRead) {
  const RunsToCompare runs{make("one", {}), make("two", {3}), {"web103", "web104"}};
  const report::RunDiff diff = compared(runs);
  EXPECT_THAT(diff.unchanged, ElementsAre("web104"));
  ASSERT_THAT(diff.changes, SizeIs(1));
  EXPECT_THAT(diff.changes[0].hosts, ElementsAre("web103"));
  const auto none = compare_runs({runs.before, runs.after, {"db1"}}, {});
  ASSERT_FALSE(none.ok());
  EXPECT_THAT(none.error().message, HasSubstr("neither run has a host 'db1'"));
}

}  // namespace
}  // namespace bdsh::app
