// A jump shows what playing up to the moment shows: the same comparison, the same screens.
#include <gmock/gmock.h>

#include <random>

#include "app/replay_deck.hpp"
#include "app/replay_indexer.hpp"
#include "app/replay_source.hpp"
#include "app/setup.hpp"
#include "run/run_writer.hpp"

namespace bdsh::app {
namespace {

constexpr std::uint64_t kSeed = 42;
constexpr WallTime kStart{std::chrono::seconds(1772366400)};
constexpr std::uint32_t kHosts = 6;

WallTime after(Micros at) { return kStart + at; }
Micros ms(int count) { return std::chrono::milliseconds(count); }

// A run on disk that is gone with the test.
class ReplayTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "bdsh-replay-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  void begin(std::optional<std::string> command, bool pty) {
    run::RunDescription what;
    what.name = "web";
    what.command = std::move(command);
    what.pty = pty;
    what.started = kStart;
    for (std::uint32_t i = 0; i < kHosts; ++i) {
      HostSpec host;
      host.name = host.original = "web" + std::to_string(i);
      host.address = "127.0.0." + std::to_string(i + 1);
      what.hosts.push_back(host);
    }
    writer_ = run::RunWriter::create(what, path_ / "run", "/nonexistent").value();
  }
  void print(std::uint32_t host, const std::string& text, Micros at) {
    writer_->append(HostId{host}, text, after(at));
  }
  void end(Micros at) {
    HostStatus done;
    done.state = HostState::done;
    done.step = ConnectStep::live;
    done.exit = ExitResult{0, {}};
    for (std::uint32_t i = 0; i < kHosts; ++i) writer_->set_status(HostId{i}, done, after(at));
    writer_->close(after(at));
    tape_ = run::RunTape::open(path_ / "run").value();
    auto own = run::RunTape::open(path_ / "run").value();
    IndexProgress progress;
    index_ = make_replay_index(*own, run_hosts(tape_->description()), options(), progress);
    ASSERT_TRUE(index_);
  }

  RunOptions options() const {
    const run::RunDescription& run = tape_->description();
    RunOptions options{run.name, run.command, run.pty, run.size, 1000, {}, run.started};
    options.compare.seed = kSeed;
    return options;
  }

  // What is shown, as text.
  static std::string shown(RunState& state) {
    const consensus::Outcome& outcome = state.comparison().outcome();
    std::string text = "round " + std::to_string(state.comparison().round()) + ", " +
                       std::to_string(outcome.agree) + " of " + std::to_string(outcome.of) + "\n";
    for (const consensus::Variant& variant : outcome.variants) {
      text += variant.reference ? "reference" : "variant";
      variant.hosts.for_each([&](HostId host) { text += " " + std::to_string(host.value); });
      text += ": " + std::to_string(variant.line_count) + " lines\n";
    }
    text += "behind " + std::to_string(outcome.behind.size()) + "\n";
    for (std::uint32_t i = 0; i < kHosts; ++i) {
      const pty::HostTerminal& terminal = state.terminal(HostId{i});
      text += std::string(to_string(state.status(HostId{i}).state)) + " line " +
              std::to_string(terminal.open_line()) + "\n";
      for (int row = 0; row < terminal.size().rows.value; ++row)
        text += std::to_string(terminal.row_hash(row)) + " ";
      text += "\n";
    }
    return text;
  }

  // `whole_up_to` 0: every jump goes by the index.
  void compare_at(const std::vector<Micros>& moments) {
    CellTables tables;
    RunState played(tables, run_hosts(tape_->description()), options());
    RunState jumped(tables, run_hosts(tape_->description()), options());
    auto other = run::RunTape::open(path_ / "run").value();
    ReplayDeck player(*tape_, played, nullptr);
    ReplayDeck jumper(*other, jumped, nullptr, 0);
    jumper.set_index(&*index_);
    for (const Micros at : moments) {
      player.jump(at);
      jumper.jump(at);
      jumper.fill({}, 1U << 30U);
      ASSERT_EQ(shown(jumped), shown(played)) << "at " << at.count();
      // And what follows is the same again.
      player.play(at + ms(400), 1U << 30U);
      jumper.play(at + ms(400), 1U << 30U);
      jumper.fill({}, 1U << 30U);
      ASSERT_EQ(shown(jumped), shown(played)) << "400 ms after " << at.count();
    }
  }

  std::vector<Micros> random_moments(int count) const {
    std::mt19937 random(11);
    std::vector<Micros> moments;
    for (int i = 0; i < count; ++i)
      moments.emplace_back(static_cast<std::int64_t>(random()) % (tape_->end().count() + 1));
    return moments;
  }

  std::filesystem::path path_;
  std::unique_ptr<run::RunWriter> writer_;
  std::unique_ptr<run::RunTape> tape_;
  std::optional<run::ReplayIndex> index_;
};

// Each host prints its own name; host 1 differs from the middle on, host 2 is slow.
std::string batch_line(std::uint32_t host, int line, const char* end) {
  return "web" + std::to_string(host) + ": item " + std::to_string(line) +
         (host == 1 && line >= 500 ? " failed" : " done") + end;
}

TEST_F(ReplayTest, AJumpInACommandsOutputShowsWhatPlayingShows) {
  begin("batch", false);
  for (int line = 0; line < 1000; ++line)
    for (std::uint32_t host = 0; host < kHosts; ++host)
      print(host, batch_line(host, line, "\n"), ms(line * (host == 2 ? 12 : 10)));
  end(ms(13'000));
  EXPECT_GT(index_->points[0].size(), 10U);
  EXPECT_EQ(index_->first_difference, ms(5000));
  compare_at(random_moments(40));
  compare_at({ms(0), ms(4999), ms(5000), ms(13'000)});
}

TEST_F(ReplayTest, AlsoOnTerminalsWithColoursProgressAndAFullScreenProgram) {
  begin("batch", true);
  for (int line = 0; line < 600; ++line)
    for (std::uint32_t host = 0; host < kHosts; ++host) {
      std::string text = batch_line(host, line, "\r\n");
      if (line % 7 == 0) text = "\x1b[31m" + text + "\x1b[0m";
      if (line % 50 == 10) text += "10 %\r20 %\r30 %\r\n";
      if (line % 90 == 20) text += "one\r\ntwo\r\n\x1b[2Aone again\r\n\r\n";
      if (line == 300) text += "\x1b[?1049h\x1b[2J\x1b[5;5Hfull screen";
      if (line == 310) text += "\x1b[?1049l";
      if (line == 400) text += "\x1b[H\x1b[2J";
      print(host, text, ms(line * 10));
    }
  end(ms(7000));
  EXPECT_GT(index_->points[0].size(), 4U);
  compare_at(random_moments(40));
  compare_at({ms(3050), ms(4005)});
}

TEST_F(ReplayTest, AlsoInTheRoundsOfShells) {
  begin(std::nullopt, true);
  int at = 0;
  const auto all = [&](const std::string& text) {
    for (std::uint32_t host = 0; host < kHosts; ++host) {
      std::string mine = text;
      for (std::size_t place = 0; (place = mine.find("HOST", place)) != std::string::npos;)
        mine.replace(place, 4, "web" + std::to_string(host));
      print(host, mine, ms(at));
    }
  };
  all("root@HOST:~# ");
  for (int round = 2; round < 6; ++round) {
    at += 1000;
    writer_->round(round, HostSet::first(kHosts), after(ms(at)));
    all("seq " + std::to_string(round) + "\r\n");
    for (int line = 0; line < 200; ++line) {
      at += 5;
      all("line " + std::to_string(line) + " of HOST\r\n");
      if (round == 4 && line == 100) print(3, "odd\r\n", ms(at));
    }
    if (round == 3) {
      writer_->restarted(HostId{4}, after(ms(at)));
      print(4, "a new session\r\n", ms(at + 1));
    }
    all("root@HOST:~# ");
  }
  end(ms(at + 1000));
  ASSERT_TRUE(index_->first_difference);
  compare_at(random_moments(40));
}

TEST_F(ReplayTest, HostsThatNeverDivergedHaveNoFirstDifference) {
  begin("batch", false);
  for (int line = 0; line < 100; ++line)
    for (std::uint32_t host = 0; host < kHosts; ++host)
      print(host, "line " + std::to_string(line) + "\n", ms(line * 10 + static_cast<int>(host)));
  end(ms(2000));
  EXPECT_FALSE(index_->first_difference);
}

TEST(Moment, IsReadAsPeopleWriteIt) {
  const Micros now = ms(60'000);
  const Micros end = ms(600'000);
  EXPECT_EQ(parse_moment("90", now, end), ms(90'000));
  EXPECT_EQ(parse_moment(" 1:30.5 ", now, end), ms(90'500));
  EXPECT_EQ(parse_moment("0:01:02", now, end), ms(62'000));
  EXPECT_EQ(parse_moment("50%", now, end), ms(300'000));
  EXPECT_EQ(parse_moment("+10", now, end), ms(70'000));
  EXPECT_EQ(parse_moment("-1:10", now, end), ms(0));
  EXPECT_EQ(parse_moment("9999999", now, end), end);
  for (const char* text : {"", "-", "x", "1:2:3:4", "1::2", "101%", "1e3", "..", "%"})
    EXPECT_FALSE(parse_moment(text, now, end)) << text;
}

}  // namespace
}  // namespace bdsh::app
