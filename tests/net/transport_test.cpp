// The libssh transport by itself, against a real sshd: what a call finds on the wire reaches its
// caller, whichever call it was.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <functional>

#include "net/launch.hpp"
#include "net/sshd.hpp"
#include "net/transport.hpp"

namespace bdsh::net::test {
namespace {

Fd connected_to(const Sshd& sshd) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(sshd.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  return fd;
}

class TransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Sshd::available()) GTEST_SKIP() << "NO /usr/sbin/sshd: nothing here is tested";
  }

  // Logs in and starts `command`.
  void start(const std::string& command) {
    auto made = make_libssh_transport(sshd_.spec(), socket_.get(), "ssh-ed25519");
    ASSERT_TRUE(made) << made.error().message;
    transport_ = std::move(*made);
    ASSERT_EQ(settled<Io>([this] { return transport_->handshake(); }, Io::again), Io::done);
    ASSERT_EQ(settled<AuthIo>([this] { return transport_->try_none(); }, AuthIo::again),
              AuthIo::denied);
    const LoadedKey key = load_private_key({sshd_.spec().identity_files.front()}, nullptr);
    ASSERT_FALSE(key.forms.empty());
    ASSERT_EQ(
        settled<AuthIo>([&] { return transport_->try_key(*key.forms.back()); }, AuthIo::again),
        AuthIo::accepted);
    ChannelRequest request;
    request.command = command;
    request.pty = false;
    ASSERT_EQ(settled<Io>([&] { return transport_->open(request, got_); }, Io::again), Io::done);
  }

  // Calls until the answer is another than `again`.
  template <typename Answer>
  Answer settled(const std::function<Answer()>& call, Answer again) {
    Answer answer = call();
    for (int i = 0; i < 100 && answer == again; ++i) {
      EXPECT_TRUE(readable());
      answer = call();
    }
    return answer;
  }

  bool readable() {
    pollfd wait{socket_.get(), POLLIN, 0};
    return ::poll(&wait, 1, 10'000) == 1;
  }

  void pump_to_end() {
    while (!got_.closed && readable()) ASSERT_EQ(transport_->pump(got_), Io::done);
  }

  const Sshd sshd_;
  Fd socket_ = connected_to(sshd_);
  std::unique_ptr<Transport> transport_;
  Received got_;
};

// libssh reads the socket when it sends a keepalive: what it finds is output like any other.
TEST_F(TransportTest, KeepaliveLosesNoOutput) {
  start("echo ready; read -r line; echo first; echo second; exit 3");
  while (got_.bytes.find("ready\n") == std::string::npos && readable())
    ASSERT_EQ(transport_->pump(got_), Io::done);
  EXPECT_EQ(transport_->write("go\n", got_), 3U);
  while (transport_->wants_write()) ASSERT_EQ(transport_->pump(got_), Io::done);
  ASSERT_TRUE(readable());
  transport_->keepalive(got_);
  pump_to_end();
  EXPECT_EQ(got_.bytes, "ready\nfirst\nsecond\n");
  EXPECT_EQ(got_.exit, (ExitResult{3, ""}));
  EXPECT_TRUE(got_.closed);
}

}  // namespace
}  // namespace bdsh::net::test
