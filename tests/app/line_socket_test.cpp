#include "app/line_socket.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/messages.hpp"

namespace bdsh::app {
namespace {

class LineSocketTest : public testing::Test {
 protected:
  LineSocketTest() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    theirs_.reset(ends[1]);
    ours_ = std::make_unique<LineSocket>(loop_, net::Fd(ends[0]));
    ours_->start({[this](const std::string& line, net::Fd passed) {
                    lines_.push_back(line);
                    if (passed) passed_.push_back(std::move(passed));
                  },
                  [this] { ++closed_; }, [this] { ++drained_; }});
  }
  void turn() {
    loop_.restart();
    loop_.poll();
  }

  boost::asio::io_context loop_;
  net::Fd theirs_;
  std::unique_ptr<LineSocket> ours_;
  std::vector<std::string> lines_;
  std::vector<net::Fd> passed_;
  int closed_ = 0;
  int drained_ = 0;
};

TEST_F(LineSocketTest, HandsOnWholeLines) {
  ASSERT_TRUE(send_line(theirs_.get(), "one\ntw"));
  turn();
  EXPECT_EQ(lines_, (std::vector<std::string>{"one"}));
  ASSERT_TRUE(send_line(theirs_.get(), "o\n\n"));
  turn();
  EXPECT_EQ(lines_, (std::vector<std::string>{"one", "two", ""}));
}

TEST_F(LineSocketTest, BringsADescriptorAlong) {
  const net::Fd file(open("/dev/null", O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(send_line(theirs_.get(), "here\n", file.get()));
  turn();
  ASSERT_EQ(passed_.size(), 1U);
  EXPECT_NE(fcntl(passed_[0].get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(LineSocketTest, TellsThatTheOtherEndIsGone) {
  ASSERT_TRUE(send_line(theirs_.get(), "last\nhalf"));
  theirs_.reset();
  turn();
  EXPECT_EQ(lines_, (std::vector<std::string>{"last"}));
  EXPECT_EQ(closed_, 1);
}

TEST_F(LineSocketTest, EndsALineThatDoesNotEnd) {
  fcntl(theirs_.get(), F_SETFL, O_NONBLOCK);
  const std::string much(1 << 16, 'x');
  for (std::size_t sent = 0; sent <= control::kLongestLine + much.size() && closed_ == 0; turn()) {
    const ssize_t count = send(theirs_.get(), much.data(), much.size(), MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<std::size_t>(count);
  }
  EXPECT_EQ(closed_, 1);
}

TEST_F(LineSocketTest, QueuesWhatIsNotTakenAndTellsWhenItIs) {
  const std::string much(1 << 20, 'y');
  ours_->send(much);
  ours_->send("end");
  EXPECT_GT(ours_->queued(), 0U);
  std::string got;
  for (std::string chunk(1 << 16, '\0'); got.size() < much.size() + 3; turn()) {
    const ssize_t count = recv(theirs_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count > 0) got.append(chunk, 0, static_cast<std::size_t>(count));
  }
  EXPECT_EQ(got, much + "end");
  turn();
  EXPECT_EQ(ours_->queued(), 0U);
  EXPECT_EQ(drained_, 1);
}

// As a server does with a client that is shown out while its line is handled.
TEST_F(LineSocketTest, MayBeDestroyedInItsOwnCalls) {
  ours_->set_handlers({[this](const std::string& line, net::Fd) {
                         lines_.push_back(line);
                         ours_.reset();
                       },
                       {},
                       {}});
  ASSERT_TRUE(send_line(theirs_.get(), "one\ntwo\n"));
  turn();
  EXPECT_EQ(lines_, (std::vector<std::string>{"one"}));
}

TEST_F(LineSocketTest, ALaterOwnerGetsTheLinesThatFollow) {
  std::vector<std::string> later;
  ours_->set_handlers(
      {[&](const std::string& line, net::Fd) {
         lines_.push_back(line);
         ours_->set_handlers(
             {[&](const std::string& next, net::Fd) { later.push_back(next); }, {}, {}});
       },
       {},
       {}});
  ASSERT_TRUE(send_line(theirs_.get(), "one\ntwo\n"));
  turn();
  EXPECT_EQ(lines_, (std::vector<std::string>{"one"}));
  EXPECT_EQ(later, (std::vector<std::string>{"two"}));
}

TEST_F(LineSocketTest, AfterStopNothingKeepsTheLoop) {
  ours_->stop();
  turn();
  EXPECT_TRUE(loop_.stopped());
  ours_->finish("bye\n", 100);
  char text[8];
  EXPECT_EQ(recv(theirs_.get(), text, sizeof text, 0), 4);
  EXPECT_EQ(recv(theirs_.get(), text, sizeof text, 0), 0);
}

}  // namespace
}  // namespace bdsh::app
