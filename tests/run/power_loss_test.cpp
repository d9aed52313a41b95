// What a power failure leaves: every file of a run ends early, at any byte, or its end is zeros.
// Reader and tape open it, give back what is there, and say what the logs lack.
#include <gmock/gmock.h>

#include <fcntl.h>

#include "run/replay_index.hpp"
#include "run/run_tape.hpp"
#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

constexpr HostId kA{0};
constexpr HostId kB{1};

// Two hosts, two rounds, a resize, a restart, events: a line or more in every file.
class PowerLoss : public testing::Test {
 protected:
  PowerLoss() {
    auto writer = start(some_run({"a", "b"}), directory_);
    writer->event("the run starts", after_ms(1));
    for (int i = 0; i < 4; ++i) {
      const std::string line = "line " + std::to_string(i) + "\r\n";
      writer->append(kA, line, after_ms(100 * i));
      writer->append(kB, line, after_ms(100 * i));
      sent_ += line;
      if (i == 0) writer->resized(Size{Rows{40}, Cols{120}}, after_ms(50));
      if (i == 1) writer->round(2, HostSet::first(2), after_ms(150));
      if (i == 2) writer->restarted(kB, after_ms(250));
    }
    writer->set_status(kA, exited(0), after_ms(400));
    writer->set_status(kB, exited(3), after_ms(400));
    writer->close(after_ms(500));
  }

  // The file as it was up to each byte, then with as many zeros as were cut off.
  template <typename Check>
  void at_every_byte(const std::string& file, Check check) {
    const std::string whole = content(directory_ / file);
    ASSERT_FALSE(whole.empty()) << file;
    for (std::size_t size = 0; size <= whole.size(); ++size)
      for (const bool zeros : {false, true}) {
        SCOPED_TRACE(file + " " + std::to_string(size) + (zeros ? " and zeros" : ""));
        const std::string lost(zeros ? whole.size() - size : 0, '\0');
        put(directory_ / file, whole.substr(0, size) + lost);
        check(size, zeros || size == whole.size());
      }
    put(directory_ / file, whole);
  }

  struct Opened {
    std::map<std::uint32_t, std::string> bytes;
    std::vector<std::string> warnings;
  };
  Opened read() {
    auto reader = RunReader::open(directory_);
    EXPECT_TRUE(reader.ok());
    if (!reader) return {};
    Seen seen = read_all(**reader);
    return {std::move(seen.bytes), (*reader)->warnings()};
  }
  Opened play() {
    auto tape = RunTape::open(directory_);
    EXPECT_TRUE(tape.ok());
    if (!tape) return {};
    std::vector<Record> records;
    while (!(*tape)->play((*tape)->end(), 1U << 20U, records)) {
    }
    Seen seen;
    seen.take(records);
    return {std::move(seen.bytes), (*tape)->warnings()};
  }

  Temporary temporary_;
  fs::path directory_ = temporary_ / "run";
  std::string sent_;  // by each host
};

TEST_F(PowerLoss, OfALogThatIsThereAllIsReadAndTheRestIsCounted) {
  at_every_byte("a/out.log", [&](std::size_t size, bool whole) {
    for (const Opened& opened : {read(), play()}) {
      const std::string& log = opened.bytes.contains(0) ? opened.bytes.at(0) : std::string();
      EXPECT_EQ(log.substr(0, size), sent_.substr(0, size));
      EXPECT_EQ(log.size(), whole ? sent_.size() : size);
      EXPECT_EQ(opened.bytes.at(1), sent_);
      if (whole) continue;
      EXPECT_THAT(opened.warnings,
                  Contains("a: out.log lacks the last " + std::to_string(sent_.size() - size) +
                           " of " + std::to_string(sent_.size()) + " bytes"));
    }
  });
}

TEST_F(PowerLoss, WithoutTheEndOfAnyOtherFileNoLogIsLost) {
  for (const char* file : {"a/out.timing", "a/meta.yaml", "rounds.log", "resize.log", "events.log"})
    at_every_byte(file, [&](std::size_t, bool) {
      for (const Opened& opened : {read(), play()}) {
        EXPECT_EQ(opened.bytes.at(0), sent_);
        EXPECT_EQ(opened.bytes.at(1), sent_);
      }
    });
}

// Hosts whose line is lost come behind the others, under their folder's name.
TEST_F(PowerLoss, WithoutTheEndOfTheRunsRecordEveryFolderIsAHost) {
  at_every_byte("run.yaml", [&](std::size_t, bool) {
    for (const Opened& opened : {read(), play()}) {
      EXPECT_THAT(opened.bytes, testing::SizeIs(2));
      for (const auto& [host, bytes] : opened.bytes) EXPECT_EQ(bytes, sent_);
    }
  });
}

TEST_F(PowerLoss, AnIndexThatIsNotWholeIsNone) {
  ReplayIndex index;
  index.run = 7;
  index.points.resize(2);
  index.names = {{"a", "a.example"}, {}};
  for (std::uint32_t i = 0; i < 3; ++i) index.points[0].push_back({TapePlace{i * 8, 0, 0, {}}, i});
  const Fd directory(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_TRUE(write_replay_index(directory.get(), index).ok());
  const std::size_t all = content(directory_ / "replay.index").size();
  at_every_byte(kReplayIndexName, [&](std::size_t size, bool) {
    EXPECT_EQ(read_replay_index(directory.get(), 7, 0, 2).has_value(), size == all);
  });
}

TEST_F(PowerLoss, WithoutAnythingButTheLogsTheyCanBeRead) {
  for (const char* file :
       {"a/out.timing", "a/meta.yaml", "b/out.timing", "b/meta.yaml", "rounds.log", "resize.log",
        "events.log", "replay", "a/command", "b/command"})
    ASSERT_TRUE(fs::remove(directory_ / file)) << file;
  put(directory_ / "run.yaml", "");
  const Opened opened = read();
  EXPECT_EQ(opened.bytes.at(0), sent_);
  EXPECT_EQ(opened.bytes.at(1), sent_);
  EXPECT_THAT(opened.warnings, Contains(HasSubstr("run.yaml is damaged")));
}

}  // namespace
}  // namespace bdsh::run
