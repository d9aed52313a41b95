// Disks that fill up, write in pieces, or hang.
#include <gmock/gmock.h>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <random>
#include <thread>

#include "run/round_lines.hpp"
#include "run/timing_cursor.hpp"
#include "runs.hpp"
#include "temporary.hpp"

namespace bdsh::run {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Takes some bytes at a time, is interrupted now and then, and is full after `room` bytes.
WriteCall small_disk(std::size_t room, unsigned seed) {
  struct State {
    std::size_t room;
    std::mt19937 random;
  };
  auto state = std::make_shared<State>(State{room, std::mt19937(seed)});
  return [state](int fd, const void* bytes, std::size_t size) -> ssize_t {
    if (state->random() % 5 == 0) {
      errno = EINTR;
      return -1;
    }
    const std::size_t some = std::min({size, 1 + state->random() % 40, state->room});
    if (some == 0) {
      errno = ENOSPC;
      return -1;
    }
    state->room -= some;
    return ::write(fd, bytes, some);
  };
}

std::unique_ptr<RunWriter> start_on(const fs::path& directory, WriteCall disk) {
  auto writer = RunWriter::create(some_run({"a", "b"}), directory, "/nonexistent", std::move(disk));
  return writer ? std::move(*writer) : nullptr;
}

// Thirty lines per host, with rounds and events between them.
std::array<std::string, 2> write_run(RunWriter& writer) {
  std::array<std::string, 2> expected;
  for (int i = 0; i < 30; ++i) {
    for (std::uint32_t host = 0; host < 2; ++host) {
      const std::string line = "line " + std::to_string(i) + " of " + std::to_string(host) + "\n";
      writer.append(HostId{host}, line, after_ms(i * 10));
      expected[host] += line;
    }
    if (i % 10 == 5) writer.round(2 + i / 10, HostSet::first(2), after_ms(i * 10));
    if (i % 7 == 3) writer.event("something happened", after_ms(i * 10));
  }
  writer.set_status(HostId{0}, exited(0), after_ms(400));
  writer.close(after_ms(500));
  return expected;
}

std::uint64_t bytes_in_timing(const std::string& timing) {
  std::uint64_t total = 0;
  for (std::size_t begin = 0, end = 0; (end = timing.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const auto entry = parse_timing(std::string_view(timing).substr(begin, end - begin));
    EXPECT_TRUE(entry.has_value());
    if (entry) total += entry->bytes;
  }
  return total;
}

// True of every file whenever the disk became full.
void check_files(const fs::path& run, const std::array<std::string, 2>& expected) {
  for (std::size_t host = 0; host < 2; ++host) {
    const fs::path folder = run / (host == 0 ? "a" : "b");
    const std::string log = content(folder / "out.log");
    EXPECT_EQ(log, expected[host].substr(0, log.size()));
    EXPECT_LE(bytes_in_timing(content(folder / "out.timing")), log.size());
  }
  for (const char* name : {"events.log", "rounds.log"}) {
    const std::string lines = content(run / name);
    EXPECT_TRUE(lines.empty() || lines.ends_with("\n")) << name << ": " << lines;
  }
  EXPECT_TRUE(content(run / "run.yaml").ends_with("...\n"));
}

TEST(Disk, ShortAndInterruptedWritesAreCompleted) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const Temporary temporary;
    auto writer = start_on(temporary / "run", small_disk(1U << 30U, seed));
    const auto expected = write_run(*writer);
    EXPECT_FALSE(writer->take_error().has_value());
    EXPECT_EQ(content(temporary / "run/a/out.log"), expected[0]);
    EXPECT_EQ(content(temporary / "run/b/out.log"), expected[1]);
    check_files(temporary / "run", expected);
  }
}

TEST(Disk, FullAtAnyMomentLeavesWholeBeginningsAndSaysSo) {
  int begun = 0;
  for (std::size_t room = 0; room < 7000; room += 93) {
    const Temporary temporary;
    auto writer = start_on(temporary / "run", small_disk(room, static_cast<unsigned>(room)));
    if (!writer) {
      EXPECT_FALSE(fs::exists(temporary / "run"));
      continue;
    }
    ++begun;
    const auto expected = write_run(*writer);
    check_files(temporary / "run", expected);
    const auto error = writer->take_error();
    const bool whole = content(temporary / "run/a/out.log") == expected[0] &&
                       content(temporary / "run/b/out.log") == expected[1];
    EXPECT_TRUE(whole || error.has_value()) << room;
    EXPECT_TRUE(!error || error->message.find("No space left") != std::string::npos) << room;
  }
  EXPECT_GT(begun, 40);
}

// The kernel's own short write: the limit cuts one in the middle, the next one fails.
TEST(Disk, ALogOverTheFileSizeLimitEndsAloneAndAtTheLimit) {
  const Temporary temporary;
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto writer = start(some_run({"a", "b"}), temporary / "run");
  struct rlimit small = before;
  small.rlim_cur = 10'000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string expected;
  for (int i = 0; i < 30; ++i) {
    const std::string text(1000, static_cast<char>('a' + i % 26));
    writer->append(HostId{0}, text + "\n", after_ms(i));
    writer->append(HostId{1}, "ok\n", after_ms(i));
    expected += text + "\n";
  }
  writer->close(after_ms(100));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(content(temporary / "run/a/out.log"), expected.substr(0, 10'000));
  EXPECT_EQ(content(temporary / "run/b/out.log").size(), 90U);
  const auto error = writer->take_error();
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(error->message, HasSubstr("a: out.log: File too large"));
}

// A disk of which one write fails, and which has none to spare while it is full.
class BriefTrouble {
 public:
  WriteCall call() {
    return [state = state_](int fd, const void* bytes, std::size_t size) -> ssize_t {
      if (--state->writes_left != 0 && !state->full) return ::write(fd, bytes, size);
      errno = ENOSPC;
      return -1;
    };
  }
  void fail_write(int number) { state_->writes_left = number; }
  bool failed() const { return state_->writes_left <= 0; }
  void set_full(bool full) { state_->full = full; }

 private:
  struct State {
    std::atomic<int> writes_left = -1;
    std::atomic<bool> full = false;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

TEST(Disk, AnyOneWriteThatFailsIsMadeUpFor) {
  int number = 1;
  for (bool reached = true; reached; ++number) {
    const Temporary temporary;
    BriefTrouble disk;
    disk.fail_write(number);
    auto writer = start_on(temporary / "run", disk.call());
    if (!writer) continue;  // the first files: no run begins without them
    const auto expected = write_run(*writer);
    reached = disk.failed();
    EXPECT_EQ(content(temporary / "run/a/out.log"), expected[0]) << number;
    EXPECT_EQ(content(temporary / "run/b/out.log"), expected[1]) << number;
    EXPECT_EQ(bytes_in_timing(content(temporary / "run/a/out.timing")), expected[0].size());
    check_files(temporary / "run", expected);
    EXPECT_TRUE(writer->losses().empty()) << number << ": " << writer->losses()[0].message;
  }
  EXPECT_GT(number, 8);
}

TEST(Disk, WhatItRefusedIsTriedAgainWithoutNewOutput) {
  const Temporary temporary;
  BriefTrouble disk;
  auto writer = start_on(temporary / "run", disk.call());
  while (!fs::exists(temporary / "run/b/command")) std::this_thread::yield();
  disk.set_full(true);
  writer->append(HostId{0}, "while it was full", after_ms(1));
  while (!writer->take_error()) std::this_thread::yield();
  EXPECT_EQ(content(temporary / "run/a/out.log"), "");
  disk.set_full(false);
  while (content(temporary / "run/a/out.log").empty()) std::this_thread::yield();
  EXPECT_EQ(content(temporary / "run/a/out.log"), "while it was full");
}

// Memory is bounded, hosts are not held, and what is not there is told in numbers.
TEST(Disk, MoreThanIsKeptForAFullDiskIsGivenUpAndSaid) {
  const Temporary temporary;
  BriefTrouble disk;
  auto writer = start_on(temporary / "run", disk.call());
  while (!fs::exists(temporary / "run/b/command")) std::this_thread::yield();
  disk.set_full(true);
  std::string sent;
  for (int i = 0; i < 40; ++i) {
    const std::string megabyte(1U << 20U, static_cast<char>('a' + i % 26));
    writer->append(HostId{0}, megabyte, after_ms(i));
    sent += megabyte;
    while (writer->pending_bytes() > 0) std::this_thread::yield();
  }
  writer->set_status(HostId{0}, exited(0), after_ms(50));
  disk.set_full(false);
  writer->close(after_ms(60));
  const std::string log = content(temporary / "run/a/out.log");
  EXPECT_LT(log.size(), 20U << 20U);
  EXPECT_TRUE(sent.starts_with(log));
  const std::string missing = std::to_string(sent.size() - log.size());
  ASSERT_EQ(writer->losses().size(), 1U);
  EXPECT_THAT(
      writer->losses()[0].message,
      HasSubstr("a: the last " + missing + " bytes of out.log are missing (out.log: No space"));
  auto reader = RunReader::open(temporary / "run");
  ASSERT_TRUE(reader.ok());
  read_all(**reader);
  EXPECT_THAT((*reader)->warnings(),
              testing::ElementsAre("a: out.log lacks the last " + missing + " of " +
                                   std::to_string(sent.size()) +
                                   " bytes (out.log: No space left on device)"));
}

// A disk that stops answering once the gate is shut, until it is opened again.
class HangingDisk {
 public:
  WriteCall call() {
    return [gate = gate_, shut = shut_](int fd, const void* bytes, std::size_t size) {
      if (shut->load()) gate.wait();
      return ::write(fd, bytes, size);
    };
  }
  void hang() { shut_->store(true); }
  void answer() { opened_.set_value(); }

 private:
  std::promise<void> opened_;
  std::shared_future<void> gate_{opened_.get_future()};
  std::shared_ptr<std::atomic<bool>> shut_ = std::make_shared<std::atomic<bool>>(false);
};

// A key typed into a hundred shells must not open two hundred files again.
TEST(Disk, LogsOfManyHostsStayOpen) {
  const Temporary temporary;
  std::vector<std::string> names;
  for (int i = 0; i < 150; ++i) names.push_back("host" + std::to_string(i));
  auto writer = RunWriter::create(some_run(names), temporary / "run", "/nonexistent", ::write);
  ASSERT_TRUE(writer.ok()) << writer.error().message;
  const auto is_open = [](const std::string& file) {
    std::size_t count = 0;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd"))
      count += fs::read_symlink(entry.path(), gone).filename() == file ? 1 : 0;
    return count;
  };
  const auto write_all_hosts = [&](const std::string& text, int ms) {
    for (std::uint32_t host = 0; host < 150; ++host)
      (*writer)->append(HostId{host}, text, after_ms(ms));
  };
  write_all_hosts("one\n", 1);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (is_open("out.timing") < 150 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(is_open("out.log"), 150U);
  EXPECT_EQ(is_open("out.timing"), 150U);
  write_all_hosts("two\n", 2);
  (*writer)->set_status(HostId{149}, exited(0), after_ms(3));  // whose folder is open no longer
  (*writer)->close(after_ms(4));
  EXPECT_THAT((*writer)->losses(), testing::IsEmpty());
  for (const std::string& name : names)
    EXPECT_EQ(content(temporary / "run" / name / "out.log"), "one\ntwo\n");
  EXPECT_THAT(content(temporary / "run/host149/meta.yaml"), HasSubstr("host149"));
}

// Writes that take longer together than the patience for a disk that hangs.
TEST(Disk, OneThatIsSlowIsWaitedFor) {
  using std::chrono::milliseconds;
  const Temporary temporary;
  auto slow = std::make_shared<std::atomic<bool>>(false);
  auto writer = start_on(temporary / "run", [slow](int fd, const void* bytes, std::size_t size) {
    if (slow->load()) std::this_thread::sleep_for(milliseconds(30));
    return ::write(fd, bytes, std::min<std::size_t>(size, 4));
  });
  ASSERT_NE(writer, nullptr);
  slow->store(true);
  writer->append(HostId{0}, "a line that takes ten writes, four bytes each", after_ms(1));
  writer->close(after_ms(2), milliseconds(100));
  EXPECT_THAT(writer->losses(), testing::IsEmpty());
  EXPECT_EQ(content(temporary / "run/a/out.log"), "a line that takes ten writes, four bytes each");
  EXPECT_TRUE(writer->remove_unless_kept(milliseconds(100)).ok());
  EXPECT_FALSE(fs::exists(temporary / "run"));
}

TEST(Disk, OneThatHangsDelaysTheEndNoLongerThanAllowed) {
  using std::chrono::milliseconds;
  const Temporary temporary;
  HangingDisk disk;
  auto writer = start_on(temporary / "run", disk.call());
  ASSERT_NE(writer, nullptr);
  while (!fs::exists(temporary / "run/b/command")) std::this_thread::yield();
  disk.hang();
  writer->append(HostId{0}, "lost?", after_ms(1));
  const auto begin = std::chrono::steady_clock::now();
  writer->close(after_ms(2), milliseconds(50));
  const Status removed = writer->remove_unless_kept(milliseconds(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  ASSERT_EQ(writer->losses().size(), 1U);
  EXPECT_THAT(writer->losses()[0].message,
              HasSubstr("the disk does not answer: the logs may lack their end (5"));
  ASSERT_FALSE(removed.ok());
  EXPECT_THAT(removed.error().message, HasSubstr("not removed: the disk does not answer"));
  EXPECT_TRUE(fs::exists(temporary / "run/run.yaml"));
  writer.reset();  // waits no more, and leaves the thread what it works on
  disk.answer();
  const auto finished = [&] {
    return content(temporary / "run/run.yaml").find("finished: 2026") != std::string::npos;
  };
  while (!finished()) std::this_thread::yield();
  EXPECT_EQ(content(temporary / "run/a/out.log"), "lost?");
}

}  // namespace
}  // namespace bdsh::run
