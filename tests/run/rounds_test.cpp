// Rounds on disk: whoever reads the run begins each round at the very byte where the run did.
#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "run/round_lines.hpp"
#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr HostId kWeb01{0};
constexpr HostId kWeb02{1};

// What a live screen and a viewer of the files both make of a run: per round, each host's bytes. A
// restart empties the host's part.
struct Rounds {
  explicit Rounds(std::size_t hosts) : bytes(hosts) {}

  void begin(int number, const HostSet& participants) {
    finished.push_back(std::exchange(bytes, std::vector<std::string>(bytes.size())));
    numbers.push_back(number);
    who.push_back(participants);
  }
  void take(const std::vector<Record>& records) {
    for (const Record& record : records) {
      if (const auto* some = std::get_if<LoggedBytes>(&record))
        bytes[some->host.value] += some->bytes;
      else if (const auto* round = std::get_if<LoggedRound>(&record))
        begin(round->number, round->participants);
      else if (const auto* restart = std::get_if<LoggedRestart>(&record))
        bytes[restart->host.value] = "restarted: ";
    }
  }
  bool operator==(const Rounds&) const = default;

  std::vector<std::string> bytes;  // of the round that goes on
  std::vector<std::vector<std::string>> finished;
  std::vector<int> numbers;
  std::vector<HostSet> who;
};

struct Opened {
  Rounds rounds{0};
  std::vector<std::string> warnings;
};

Opened open_run(const fs::path& directory, std::size_t hosts, std::size_t max_bytes = 1U << 20U) {
  auto reader = RunReader::open(directory);
  EXPECT_TRUE(reader.ok());
  Rounds rounds(hosts);
  for (int polls = 0; !(*reader)->finished() && polls < 20'000; ++polls)
    rounds.take((*reader)->poll(max_bytes));
  EXPECT_TRUE((*reader)->finished());
  return {std::move(rounds), (*reader)->warnings()};
}

// A live run beside what it showed.
class LiveRun {
 public:
  LiveRun(const fs::path& directory, std::size_t hosts) : shown(hosts) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < hosts; ++i) names.push_back("h" + std::to_string(i));
    writer = start(some_run(names), directory);
  }
  void print(HostId host, const std::string& text) {
    writer->append(host, text, after_ms(++ms_));
    shown.bytes[host.value] += text;
  }
  void round(int number, const HostSet& participants) {
    writer->round(number, participants, after_ms(++ms_));
    shown.begin(number, participants);
  }
  void restart(HostId host) {
    writer->restarted(host, after_ms(++ms_));
    shown.bytes[host.value] = "restarted: ";
  }
  void drain() const {
    while (writer->pending_bytes() > 0) std::this_thread::yield();
  }

  std::unique_ptr<RunWriter> writer;
  Rounds shown;

 private:
  int ms_ = 0;
};

// Fifty hosts that print, rounds and restarts in a random order; at times the writer catches up.
void play(LiveRun& run, unsigned seed, int steps) {
  std::mt19937 random(seed);
  int number = 1;
  for (int i = 0; i < steps; ++i) {
    const HostId host{static_cast<std::uint32_t>(random() % 50)};
    const unsigned what = random() % 40;
    if (what == 0)
      run.round(++number, random() % 2 == 0 ? HostSet::first(50) : HostSet::of(host));
    else if (what == 1)
      run.restart(host);
    else
      run.print(host, std::string(random() % 30, static_cast<char>('a' + i % 26)) + "\n");
    if (random() % 100 == 0) run.drain();
  }
}

TEST(Rounds, TheFileSaysWhatTheDocumentationSays) {
  const Temporary temporary;
  auto writer = start(some_run({"web01", "web02", "web03"}), temporary / "run");
  writer->append(kWeb01, "login\n", after_ms(100));
  writer->append(kWeb02, "hi\n", after_ms(200));
  writer->round(2, HostSet::of(kWeb01), after_ms(12345));
  writer->append(kWeb01, "more\n", after_ms(12400));
  writer->restarted(kWeb01, after_ms(13000));
  writer->round(3, HostSet::first(3), after_ms(14000));
  writer->close(after_ms(15000));
  EXPECT_EQ(content(temporary / "run/rounds.log"),
            "12.345000 round 2 web01:6 others web02:3\n"
            "13.000000 restart web01:11\n"
            "14.000000 round 3 web01:11 web02:3 web03:0\n");
}

TEST(Rounds, BytesOfOneMomentStillPartAtTheRound) {
  const Temporary temporary;
  LiveRun run(temporary / "run", 1);
  run.writer->append(kWeb01, "before", after_ms(1));
  run.writer->round(2, HostSet::of(kWeb01), after_ms(1));
  run.writer->append(kWeb01, "after", after_ms(1));
  run.writer->close(after_ms(2));
  const Opened opened = open_run(temporary / "run", 1);
  EXPECT_THAT(opened.rounds.finished, ElementsAre(ElementsAre("before")));
  EXPECT_THAT(opened.rounds.bytes, ElementsAre("after"));
}

TEST(Rounds, AFinishedRunOfFiftyHostsIsReadAsItWasShown) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    const Temporary temporary;
    LiveRun run(temporary / "run", 50);
    play(run, seed, 2000);
    run.writer->close(after_ms(100'000));
    for (const std::size_t max_bytes : {std::size_t{64}, std::size_t{1} << 20U}) {
      const Opened opened = open_run(temporary / "run", 50, max_bytes);
      EXPECT_EQ(opened.rounds, run.shown) << "seed " << seed << ", max_bytes " << max_bytes;
      EXPECT_THAT(opened.warnings, IsEmpty());
    }
  }
}

// What a host prints in one go is handed over in several buffers.
TEST(Rounds, FloodsPartAtTheVeryByteToo) {
  const Temporary temporary;
  LiveRun run(temporary / "run", 3);
  std::mt19937 random(1);
  for (int i = 0; i < 300; ++i) {
    const HostId host{static_cast<std::uint32_t>(random() % 3)};
    run.print(host, std::string(random() % 50'000, static_cast<char>('a' + i % 26)));
    if (i % 40 == 39) run.round(2 + i / 40, HostSet::first(3));
    if (i % 70 == 69) run.restart(host);
    if (i == 150) run.drain();
  }
  run.writer->close(after_ms(100'000));
  const Opened opened = open_run(temporary / "run", 3);
  EXPECT_TRUE(opened.rounds == run.shown);  // megabytes: not to be printed
  EXPECT_THAT(opened.warnings, IsEmpty());
}

TEST(Rounds, AViewerOfALiveRunSeesTheSame) {
  const Temporary temporary;
  LiveRun run(temporary / "run", 50);
  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  std::thread writing([&] {
    play(run, 7, 8000);
    run.writer->close(after_ms(100'000));
  });
  Rounds seen(50);
  while (!(*reader)->finished()) seen.take((*reader)->poll(4096));
  writing.join();
  EXPECT_EQ(seen, run.shown);
  EXPECT_THAT((*reader)->warnings(), IsEmpty());
}

// As a killed program leaves it: whole lines count, every byte is shown, nobody waits for ever.
TEST(Rounds, AFileCutAtAnyByteLosesOnlyItsLastRounds) {
  const Temporary temporary;
  LiveRun run(temporary / "run", 3);
  for (int number = 2; number < 6; ++number) {
    for (std::uint32_t i = 0; i < 3; ++i) run.print(HostId{i}, std::to_string(number) + "\n");
    run.round(number, HostSet::first(number % 2 == 0 ? 3 : 2));
  }
  run.writer->close(after_ms(1000));
  const std::string whole = content(temporary / "run/rounds.log");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    put(temporary / "run/rounds.log", whole.substr(0, size));
    const Opened opened = open_run(temporary / "run", 3);
    const auto lines =
        static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + size, '\n'));
    ASSERT_EQ(opened.rounds.finished.size(), lines) << size;
    for (std::size_t i = 0; i < lines; ++i)
      EXPECT_EQ(opened.rounds.finished[i], run.shown.finished[i]);
    EXPECT_THAT(opened.warnings, IsEmpty());
  }
}

TEST(Rounds, DamageIsAWarningAndNobodyWaitsForEver) {
  const Temporary temporary;
  LiveRun run(temporary / "run", 3);
  for (std::uint32_t i = 0; i < 3; ++i) run.print(HostId{i}, "one\n");
  run.round(2, HostSet::first(3));
  for (std::uint32_t i = 0; i < 3; ++i) run.print(HostId{i}, "two\n");
  run.writer->close(after_ms(1000));
  const fs::path file = temporary / "run/rounds.log";
  const std::string line = content(file);
  const struct {
    std::string text;
    std::size_t rounds;
    std::size_t warnings;
  } table[] = {
      {"garbage\n" + line, 1, 1},
      {"1.0 round 2 h0:999999 others h1:4\n", 1, 1},
      {"1.0 round 2 h0:2 h1:3 h2:4\n1.0 round 3 h0:1 h1:0 h2:4\n", 2, 0},
      {"1.0 round 2 nobody:17\n", 1, 0},
      {"1.0 round 2\n", 1, 0},
      {"1.0 restart h0:999 ../x:3\n", 0, 1},
      {std::string(300'000, 'x') + "\n" + line, 1, 1},
      {std::string("\0\n", 2) + line, 1, 1},
  };
  for (const auto& row : table) {
    put(file, row.text);
    const Opened opened = open_run(temporary / "run", 3);
    EXPECT_EQ(opened.rounds.finished.size(), row.rounds) << row.text.substr(0, 80);
    EXPECT_EQ(opened.warnings.size(), row.warnings) << row.text.substr(0, 80);
    std::string all;
    for (const auto& round : opened.rounds.finished)
      for (const std::string& bytes : round) all += bytes;
    for (const std::string& bytes : opened.rounds.bytes) all += bytes;
    EXPECT_EQ(all.size(), 24U) << row.text.substr(0, 80);
  }
}

TEST(Rounds, AnEndIsReportedBehindAllBytesOfItsHost) {
  const Temporary temporary;
  LiveRun run(temporary / "run", 2);
  run.print(kWeb01, "one\n");
  run.print(kWeb02, "one\n");
  run.round(2, HostSet::first(2));
  run.print(kWeb01, "two\n");
  run.writer->set_status(kWeb01, exited(0), after_ms(50));
  run.writer->close(after_ms(1000));
  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  const Seen seen = read_all(**reader);
  EXPECT_THAT(seen.story.at(0), ElementsAre("bytes 4 @1000", "bytes 4 @4000", "done"));
}

TEST(RoundLines, OnlyTheirOwnFormIsTaken) {
  const RoundLine line{std::chrono::milliseconds(1500), 7, {{"a:b", 3}, {"c", 0}}, {{"others", 4}}};
  EXPECT_EQ(to_text(line), "1.500000 round 7 a:b:3 c:0 others others:4\n");
  EXPECT_EQ(parse_round_line("1.500000 round 7 a:b:3 c:0 others others:4"), line);
  for (const char* bad :
       {"", "1.5", "1.5 round", "1.5 round 0", "1.5 round -1", "1.5 round x", "1.5 rounds 2",
        "x round 2", "1.5 round 2 a", "1.5 round 2 a:", "1.5 round 2 a:x", "1.5 round 2 :3",
        "1.5 round 2 a/b:3", "1.5 round 2  a:3", "1.5 round 2 ..:3", "1.5 restart others a:3",
        "1.5 round 2 others others", "1.5 round 2 a:99999999999999999999"})
    EXPECT_FALSE(parse_round_line(bad).has_value()) << bad;
}

}  // namespace
}  // namespace bdsh::run
