// The same transfers with OpenSSH's own sftp-server at the other end of two pipes.
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/disk.hpp"
#include "transfer/host_download.hpp"
#include "transfer/temporary.hpp"

namespace bdsh::transfer::test {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

constexpr const char* kServer = "/usr/lib/openssh/sftp-server";

class Server {
 public:
  explicit Server(const std::string& home) {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    EXPECT_EQ(::pipe2(to.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(from.data(), O_CLOEXEC), 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::dup2(to[0], 0);
      ::dup2(from[1], 1);
      if (::chdir(home.c_str()) == 0) ::execl(kServer, kServer, nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = to[1];
    out_ = from[0];
    ::fcntl(in_, F_SETFL, O_NONBLOCK);
  }
  ~Server() {
    ::close(in_);
    ::close(out_);
    ::waitpid(child_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Until the transfer has ended; false when the server is silent for ten seconds.
  bool run(HostTransfer& transfer) {
    transfer.begin();
    std::string waiting;
    while (!transfer.ended()) {
      waiting += transfer.take_output();
      const short writing = waiting.empty() ? 0 : POLLOUT;
      std::array<pollfd, 2> waits{pollfd{in_, writing, 0}, pollfd{out_, POLLIN, 0}};
      if (::poll(waits.data(), waits.size(), 10'000) <= 0) return false;
      if (waits[0].revents != 0) {
        const ssize_t wrote = ::write(in_, waiting.data(), waiting.size());
        if (wrote > 0) waiting.erase(0, static_cast<std::size_t>(wrote));
      }
      if (waits[1].revents == 0) continue;
      std::array<char, 65536> bytes;
      const ssize_t got = ::read(out_, bytes.data(), bytes.size());
      if (got <= 0) return false;
      transfer.receive({bytes.data(), static_cast<std::size_t>(got)});
    }
    return true;
  }

 private:
  pid_t child_ = -1;
  int in_ = -1;
  int out_ = -1;
};

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kServer)) GTEST_SKIP() << "NO " << kServer << ": nothing here is tested";
    for (const char* directory : {"here/d/s", "home", "got"}) fs::create_directories(dir_ / directory);
    for (int i = 0; i < 600'000; ++i) large_ += std::to_string(i);
    put(dir_ / "here/d/large", large_);
    put(dir_ / "here/d/s/small", "small");
    put(dir_ / "here/d/s/empty", "");
    fs::permissions(dir_ / "here/d/s", fs::perms(0500));
  }
  void TearDown() override {
    for (const char* path : {"here/d/s", "home/d/s", "got/d/s"})
      if (fs::exists(dir_ / path)) fs::permissions(dir_ / path, fs::perms(0700));
  }

  Temporary dir_;
  std::string large_;
  Rules rules_{true, true, false, true, true};
  OpenSource open_ = open_source;
};

TEST_F(ServerTest, ThereAndBackAgain) {
  const auto plan = plan_upload({dir_ / "here/d"}, true);
  ASSERT_TRUE(plan);
  Server server(dir_ / "home");
  HostUpload there(std::make_shared<UploadPlan>(*plan), {".", true}, "h", rules_, {}, open_);
  ASSERT_TRUE(server.run(there));
  EXPECT_THAT(there.problems(), IsEmpty());
  EXPECT_EQ(content(dir_ / "home/d/large"), large_);
  EXPECT_EQ(content(dir_ / "home/d/s/small"), "small");
  EXPECT_EQ(info(dir_ / "home/d/s").st_mode & 07777U, 0500U);
  EXPECT_EQ(info(dir_ / "home/d/large").st_mtim.tv_sec, info(dir_ / "here/d/large").st_mtim.tv_sec);

  const auto tree = open_tree(dir_ / "got");
  ASSERT_TRUE(tree);
  Server again(dir_ / "home");
  HostDownload back({"d"}, rules_, {}, **tree);
  ASSERT_TRUE(again.run(back));
  EXPECT_THAT(back.problems(), IsEmpty());
  EXPECT_EQ(content(dir_ / "got/d/large"), large_);
  EXPECT_EQ(content(dir_ / "got/d/s/empty"), "");
  EXPECT_EQ(info(dir_ / "got/d/s").st_mode & 07777U, 0500U);
  EXPECT_EQ(back.tally().bytes_done, large_.size() + 5);
}

TEST_F(ServerTest, FilesWithoutASizeAreRead) {
  const auto tree = open_tree(dir_ / "got");
  Server server("/");
  rules_.recursive = false;
  HostDownload back({"/proc/self/limits", "/proc/sys/kernel/ostype"}, rules_, {}, **tree);
  ASSERT_TRUE(server.run(back));
  EXPECT_THAT(back.problems(), IsEmpty());
  EXPECT_EQ(content(dir_ / "got/ostype"), "Linux\n");
  EXPECT_THAT(content(dir_ / "got/limits"), ::testing::HasSubstr("Max open files"));
}

}  // namespace
}  // namespace bdsh::transfer::test
