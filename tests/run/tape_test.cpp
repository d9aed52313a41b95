// A run directory in the order of time.
#include <gmock/gmock.h>

#include <fcntl.h>

#include "run/replay_index.hpp"
#include "run/run_tape.hpp"
#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr HostId kA{0};
constexpr HostId kB{1};

// "a:one" for bytes, "a=running" for states, "round 2", "restart b", "event text".
std::vector<std::string> words(const std::vector<Record>& records) {
  std::vector<std::string> out;
  const auto name = [](HostId host) { return std::string(host == kA ? "a" : "b"); };
  for (const Record& record : records) {
    if (const auto* bytes = std::get_if<LoggedBytes>(&record))
      out.push_back(name(bytes->host) + ":" + bytes->bytes);
    else if (const auto* status = std::get_if<LoggedStatus>(&record))
      out.push_back(name(status->host) + "=" + to_string(status->status.state));
    else if (const auto* round = std::get_if<LoggedRound>(&record))
      out.push_back("round " + std::to_string(round->number));
    else if (const auto* restart = std::get_if<LoggedRestart>(&record))
      out.push_back("restart " + name(restart->host));
    else if (const auto* size = std::get_if<LoggedSize>(&record))
      out.push_back("size " + std::to_string(size->size.cols.value));
    else if (const auto* event = std::get_if<LoggedEvent>(&record))
      out.push_back("event " + event->text);
  }
  return out;
}

Micros ms(int count) { return std::chrono::milliseconds(count); }

class Tape : public testing::Test {
 protected:
  std::unique_ptr<RunWriter> start_run() { return start(some_run({"a", "b"}), directory_); }
  std::unique_ptr<RunTape> open() {
    auto tape = RunTape::open(directory_);
    EXPECT_TRUE(tape.ok()) << (tape ? "" : tape.error().message);
    return tape ? std::move(*tape) : nullptr;
  }
  std::vector<std::string> play(RunTape& tape, int to_ms) {
    std::vector<Record> records;
    while (!tape.play(ms(to_ms), 1, records)) {
    }
    return words(records);
  }
  Temporary temporary_;
  std::filesystem::path directory_ = temporary_ / "run";
};

TEST_F(Tape, PlaysWhatCameByTheMomentAndNoMore) {
  auto writer = start_run();
  writer->set_status(kA, {HostState::connecting, ConnectStep::connect, {}, {}, {}}, after_ms(5));
  writer->append(kA, "one", after_ms(100));
  writer->append(kB, "two", after_ms(200));
  writer->append(kA, "three", after_ms(300));
  writer->set_status(kA, exited(0), after_ms(400));
  writer->close(after_ms(500));
  const auto tape = open();
  EXPECT_EQ(tape->end(), ms(500));
  EXPECT_EQ(tape->next(), ms(5));
  EXPECT_THAT(play(*tape, 50), ElementsAre("a=connecting"));
  EXPECT_THAT(play(*tape, 199), ElementsAre("a=running", "a:one"));
  EXPECT_EQ(tape->next(), ms(200));
  EXPECT_THAT(play(*tape, 250), ElementsAre("b=running", "b:two"));
  EXPECT_THAT(play(*tape, 399), ElementsAre("a:three"));
  EXPECT_THAT(play(*tape, 499), ElementsAre("a=done"));
  EXPECT_THAT(play(*tape, 500), ElementsAre("b=disconnected"));
  EXPECT_FALSE(tape->next());
}

TEST_F(Tape, RoundsAndRestartsPartTheBytes) {
  auto writer = start_run();
  writer->append(kA, "before\n", after_ms(100));
  writer->append(kB, "before\n", after_ms(100));
  writer->round(2, HostSet::first(2), after_ms(100));
  writer->append(kA, "after\n", after_ms(100));
  writer->restarted(kB, after_ms(150));
  writer->append(kB, "anew\n", after_ms(150));
  writer->close(after_ms(200));
  const auto tape = open();
  EXPECT_THAT(play(*tape, 150),
              ElementsAre("a=running", "a:before\n", "b=running", "b:before\n", "round 2",
                          "a:after\n", "restart b", "b:anew\n"));
}

TEST_F(Tape, GoesOnFromAnyPlaceItNamed) {
  auto writer = start_run();
  for (int i = 0; i < 50; ++i)
    writer->append(kA, "line " + std::to_string(i) + "\n", after_ms(100 * i));
  writer->resized(Size{Rows{30}, Cols{100}}, after_ms(2550));
  writer->close(after_ms(5000));
  const auto tape = open();
  std::vector<Record> records;
  tape->play(ms(2000), 1U << 20U, records);
  const TapePlace place = std::get<LoggedBytes>(records.back()).behind;
  const auto rest = play(*tape, 5000);
  tape->place(kA, place);
  tape->go_on(0, ms(2000));
  EXPECT_EQ(play(*tape, 5000), rest);
  EXPECT_EQ(rest.front(), "a:line 21\nline 22\nline 23\nline 24\nline 25\n");
  EXPECT_THAT(rest, testing::Contains("size 100"));
}

TEST_F(Tape, ARunWithoutTimesIsPlayedAtOnce) {
  auto writer = start_run();
  writer->append(kA, "one\n", after_ms(100));
  writer->append(kA, "two\n", after_ms(900));
  writer->close(after_ms(1000));
  std::filesystem::remove(directory_ / "a" / "out.timing");
  const auto tape = open();
  EXPECT_FALSE(tape->timed());
  EXPECT_THAT(play(*tape, 0), testing::Contains("a:one\ntwo\n"));
}

TEST_F(Tape, AKilledRunEndsWithItsLastByte) {
  auto writer = start_run();
  writer->append(kA, "one\n", after_ms(100));
  writer->append(kB, "two\n", after_ms(700));
  writer->close(after_ms(9000));
  std::string yaml = content(directory_ / "run.yaml");
  const std::size_t at = yaml.find("finished: ");
  yaml.replace(at, yaml.find('\n', at) - at, "finished: null");
  put(directory_ / "run.yaml", yaml);
  EXPECT_EQ(open()->end(), ms(700));
}

TEST_F(Tape, EveryFileCutAnywhereIsStillPlayed) {
  auto writer = start_run();
  for (int i = 0; i < 5; ++i) writer->append(kA, "line\n", after_ms(100 * i));
  writer->round(2, HostSet::first(2), after_ms(450));
  writer->append(kA, "last\n", after_ms(470));
  writer->set_status(kA, exited(1), after_ms(500));
  writer->event("said", after_ms(500));
  writer->close(after_ms(600));
  for (const char* name : {"run.yaml", "rounds.log", "events.log", "a/out.log", "a/out.timing", "a/meta.yaml"}) {
    const std::string whole = content(directory_ / name);
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      put(directory_ / name, whole.substr(0, size));
      const auto tape = open();
      ASSERT_TRUE(tape) << name << " " << size;
      std::string bytes;
      for (const std::string& word : play(*tape, 60'000'000))
        if (word[1] == ':') bytes += word.substr(2);
      EXPECT_EQ(bytes, content(directory_ / "a/out.log")) << name << " " << size;
    }
    put(directory_ / name, whole);
  }
}

ReplayIndex some_index() {
  ReplayIndex index;
  index.run = 1;
  index.options = 2;
  index.seed = 3;
  index.first_difference = ms(1234);
  index.points = {{{{10, 20, 10, ms(5)}, 64, 0, 1, 0, 7, 8}, {{30, 40, 30, ms(9)}, 128, 100, 2, 0, 9, 9}}, {}};
  index.names = {{"alpha"}, {}};
  return index;
}

TEST(ReplayIndex, ComesBackOnlyForTheSameRunAndWhole) {
  const Temporary directory;
  const Fd fd(::open(directory.path().c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_TRUE(write_replay_index(fd.get(), some_index()).ok());
  const auto back = read_replay_index(fd.get(), 1, 2, 2);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->first_difference, ms(1234));
  EXPECT_EQ(back->names[0], std::vector<std::string>{"alpha"});
  EXPECT_EQ(back->points[0][1].place, (TapePlace{30, 40, 30, ms(9)}));
  EXPECT_FALSE(read_replay_index(fd.get(), 9, 2, 2));
  EXPECT_FALSE(read_replay_index(fd.get(), 1, 9, 2));
  EXPECT_FALSE(read_replay_index(fd.get(), 1, 2, 3));
  const std::string whole = content(directory / "replay.index");
  EXPECT_EQ(mode(directory / "replay.index"), 0600U);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(directory / "replay.index", whole.substr(0, size));
    EXPECT_FALSE(read_replay_index(fd.get(), 1, 2, 2)) << size;
  }
}

TEST(ReplayIndex, FindsThePointBeforeAMomentWithinItsRound) {
  const ReplayIndex index = some_index();
  EXPECT_EQ(index.before(kA, ms(4), 0), nullptr);
  EXPECT_EQ(index.before(kA, ms(8), 0)->line, 64U);
  EXPECT_EQ(index.before(kA, ms(9), 0)->line, 128U);
  EXPECT_EQ(index.before(kA, ms(9), 3)->line, 128U);  // not into the round before
  EXPECT_EQ(index.before(kB, ms(9), 0), nullptr);
}

}  // namespace
}  // namespace bdsh::run
