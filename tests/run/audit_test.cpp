// The audit trail's lines, its file, its journald messages and the thread that writes them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "run/audit_sink.hpp"
#include "run/audit_writer.hpp"
#include "run/temporary.hpp"

namespace bdsh::run {
namespace {

using ::testing::HasSubstr;

AuditRecord record(const std::string& host) {
  AuditRecord made{.message = host + ": ok", .fields = {}};
  made.add("host", host);
  made.add("status", std::int64_t{0});
  return made;
}

TEST(AuditRecord, IsOneLineOfJsonInItsOrder) {
  AuditRecord made = record("web\n01\xff");
  made.add("seconds", 1.5);
  EXPECT_EQ(audit_line(made), "{\"host\":\"web\\n01\xEF\xBF\xBD\",\"status\":0,\"seconds\":1.5}\n");
}

TEST(AuditRecord, IsAJournalMessageWithLengthsWhereThereAreLineEnds) {
  AuditRecord made = record("a\nb");
  made.message = "a=b";
  const std::string length("\x03\0\0\0\0\0\0\0", 8);
  EXPECT_EQ(journal_message(made),
            "MESSAGE=a=b\nPRIORITY=6\nSYSLOG_IDENTIFIER=bdsh-tui\nBDSH_HOST\n" + length +
                "a\nb\nBDSH_STATUS=0\n");
}

class AuditFileTest : public ::testing::Test {
 protected:
  std::string path() const { return (dir_ / "audit.jsonl").string(); }
  static std::string line(const std::string& host) { return audit_line(record(host)); }
  Temporary dir_;
};

TEST_F(AuditFileTest, IsAppendedToAndClosedToOthers) {
  for (const char* host : {"a", "b"}) {
    auto sink = open_audit_file(path());
    ASSERT_TRUE(sink) << sink.error().message;
    EXPECT_TRUE((*sink)->write(record(host)));
  }
  EXPECT_EQ(content(path()), line("a") + line("b"));
  EXPECT_EQ(mode(path()), 0600U);
}

TEST_F(AuditFileTest, AFileThatIsThereKeepsItsMode) {
  put(path(), "old\n");
  std::filesystem::permissions(path(), std::filesystem::perms(0640));
  auto sink = open_audit_file(path());
  ASSERT_TRUE(sink);
  EXPECT_TRUE((*sink)->write(record("a")));
  EXPECT_EQ(content(path()), "old\n" + line("a"));
  EXPECT_EQ(mode(path()), 0640U);
}

TEST_F(AuditFileTest, GoesOnInANewFileAfterARotation) {
  auto sink = open_audit_file(path());
  ASSERT_TRUE(sink);
  EXPECT_TRUE((*sink)->write(record("a")));
  std::filesystem::rename(path(), path() + ".1");
  EXPECT_TRUE((*sink)->write(record("b")));
  EXPECT_EQ(content(path() + ".1"), line("a"));
  EXPECT_EQ(content(path()), line("b"));
}

TEST_F(AuditFileTest, TwoWritersShareIt) {
  auto one = open_audit_file(path());
  auto other = open_audit_file(path());
  ASSERT_TRUE(one && other);
  for (auto* sink : {&one, &other, &one}) EXPECT_TRUE((**sink)->write(record("a")));
  EXPECT_EQ(content(path()), line("a") + line("a") + line("a"));
}

TEST_F(AuditFileTest, LinksFifosFoldersAndMissingFoldersAreErrors) {
  std::filesystem::create_symlink("/dev/null", path());
  EXPECT_FALSE(open_audit_file(path()));
  const std::string fifo = (dir_ / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(open_audit_file(fifo));
  EXPECT_FALSE(open_audit_file(dir_.path().string()));
  const auto missing = open_audit_file((dir_ / "no" / "audit").string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::io);
  EXPECT_THAT(missing.error().message, HasSubstr("no/audit: No such file or directory"));
}

TEST_F(AuditFileTest, WhatAFullDiskCutShortDoesNotSwallowTheNextRecord) {
  std::size_t room = 5;
  auto sink =
      open_audit_file(path(), [&room](int fd, const void* bytes, std::size_t size) -> ssize_t {
        if (room == 0) {
          errno = ENOSPC;
          return -1;
        }
        const ssize_t done = ::write(fd, bytes, std::min(size, room));
        room -= static_cast<std::size_t>(done);
        return done;
      });
  ASSERT_TRUE(sink);
  const Status full = (*sink)->write(record("a"));
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().message, HasSubstr("No space left"));
  room = 1000;
  EXPECT_TRUE((*sink)->write(record("b")));
  EXPECT_EQ(content(path()), line("a").substr(0, 5) + "\n" + line("b"));
}

// What journald is to its clients: a datagram socket.
class FakeJournal {
 public:
  explicit FakeJournal(const std::string& path)
      : path_(path), fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~FakeJournal() { ::unlink(path_.c_str()); }

  // The next message, whichever way it came.
  std::string next() {
    std::string bytes(1 << 16, '\0');
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    iovec part{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t got = ::recvmsg(fd_.get(), &header, MSG_DONTWAIT);
    if (const cmsghdr* passed = CMSG_FIRSTHDR(&header)) return file(passed);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  int files() const { return files_; }

 private:
  std::string file(const cmsghdr* passed) {
    ++files_;
    const Fd got(*reinterpret_cast<const int*>(CMSG_DATA(passed)));
    EXPECT_EQ(::fcntl(got.get(), F_GET_SEALS),
              F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    return read_range(got.get(), 0, static_cast<std::size_t>(::lseek(got.get(), 0, SEEK_END)));
  }

  const std::string path_;
  const Fd fd_;
  int files_ = 0;
};

TEST(Journal, GetsOneMessageForEachRecord) {
  const Temporary dir;
  const std::string path = (dir / "socket").string();
  EXPECT_FALSE(open_journal(path));  // nobody listens
  auto journal = std::make_unique<FakeJournal>(path);
  auto sink = open_journal(path);
  ASSERT_TRUE(sink) << sink.error().message;
  for (const char* host : {"a", "b"}) EXPECT_TRUE((*sink)->write(record(host)));
  EXPECT_EQ(journal->next(), journal_message(record("a")));
  EXPECT_EQ(journal->next(), journal_message(record("b")));

  journal.reset();  // journald is restarted
  const Status nobody = (*sink)->write(record("lost"));
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message, HasSubstr("journald: " + path));
  FakeJournal again(path);
  EXPECT_TRUE((*sink)->write(record("c")));
  EXPECT_EQ(again.next(), journal_message(record("c")));
}

TEST(Journal, WhatIsTooLargeForADatagramComesAsASealedFile) {
  const Temporary dir;
  const std::string path = (dir / "socket").string();
  FakeJournal journal(path);
  auto sink = open_journal(path);
  ASSERT_TRUE(sink);
  AuditRecord large = record("a");
  large.add("command", std::string(1 << 20, 'x'));
  const Status sent = (*sink)->write(large);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(journal.next(), journal_message(large));
  EXPECT_EQ(journal.files(), 1);
}

// A sink that fails, or hangs until it is told otherwise.
class TestSink final : public AuditSink {
 public:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> written;
    bool hangs = false;
    bool fails = false;
  };
  explicit TestSink(std::shared_ptr<State> state) : state_(std::move(state)) {}
  Status write(const AuditRecord& record) override {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return !state_->hangs; });
    if (state_->fails) return Error{ErrorKind::io, "full"};
    state_->written.push_back(record.message);
    return Done{};
  }

 private:
  std::shared_ptr<State> state_;
};

TEST(AuditWriter, WritesAllInOrderBeforeItCloses) {
  const auto state = std::make_shared<TestSink::State>();
  AuditWriter writer(std::make_unique<TestSink>(state));
  std::vector<std::string> wanted;
  for (int i = 0; i < 1000; ++i) {
    writer.add(record(std::to_string(i)));
    wanted.push_back(std::to_string(i) + ": ok");
  }
  EXPECT_EQ(writer.close(), std::nullopt);
  EXPECT_EQ(state->written, wanted);
}

TEST(AuditWriter, TellsTheFirstFailureAtOnceAndHowManyWereLostAtTheEnd) {
  const auto state = std::make_shared<TestSink::State>();
  state->fails = true;
  std::atomic<int> told = 0;
  AuditWriter writer(std::make_unique<TestSink>(state), [&told](const Error& error) {
    EXPECT_EQ(error.message, "full");
    ++told;
  });
  for (int i = 0; i < 3; ++i) writer.add(record("a"));
  const auto error = writer.close();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "3 records lost: full");
  EXPECT_EQ(told, 1);
}

TEST(AuditWriter, LeavesADiskThatHangsBehind) {
  const auto state = std::make_shared<TestSink::State>();
  state->hangs = true;
  {
    AuditWriter writer(std::make_unique<TestSink>(state));
    for (int i = 0; i < 3; ++i) writer.add(record("a"));
    const auto error = writer.close(std::chrono::milliseconds(20));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->message, "3 records lost: it does not answer");
  }
  const std::lock_guard lock(state->mutex);
  state->hangs = false;
  state->changed.notify_all();
}

}  // namespace
}  // namespace bdsh::run
