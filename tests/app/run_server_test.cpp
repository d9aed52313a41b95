// Listeners of a run over its true socket.
#include "app/run_server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace bdsh::app {
namespace {

class RunServerTest : public testing::Test {
 protected:
  RunServerTest() {
    char name[] = "/tmp/bdsh-server-XXXXXX";
    home_ = mkdtemp(name);
    setenv("XDG_STATE_HOME", home_.c_str(), 1);
    unsetenv("XDG_RUNTIME_DIR");
    server_.start({[] {},
                   [](const control::Request&) { return Result<std::string>(std::string()); },
                   [this] {
                     return [this] {
                       std::vector<std::string> lines;
                       for (int i = 0; i < burst_; ++i)
                         lines.push_back("{\"number\":" + std::to_string(made_++) + ",\"fill\":\"" +
                                         std::string(1000, 'x') + "\"}");
                       return lines;
                     };
                   }});
  }
  ~RunServerTest() override {
    server_.stop();
    unsetenv("XDG_STATE_HOME");
    std::filesystem::remove_all(home_);
  }

  // A listener that is heard, and has read the answer to that.
  net::Fd listener() {
    EXPECT_TRUE(server_.open(home_ / "runs" / "1-web").ok());
    auto client = connect_to(find_live_run("").value());
    EXPECT_TRUE(client.ok());
    control::Request request;
    request.command = "events";
    EXPECT_TRUE(send_line(client->get(), to_line(request)));
    while (!server_.heard()) turn();
    ::fcntl(client->get(), F_SETFL, O_NONBLOCK);
    return std::move(*client);
  }
  void turn() {
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds(1));
  }
  // Whole lines, until there is nothing more to come.
  std::vector<std::string> read_all(int client) {
    std::array<char, 65536> bytes{};
    std::string text;
    for (int idle = 0; idle < 20; ++idle) {
      turn();
      for (ssize_t count; (count = ::recv(client, bytes.data(), bytes.size(), 0)) > 0; idle = 0)
        text.append(bytes.data(), static_cast<std::size_t>(count));
    }
    std::vector<std::string> lines;
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      lines.push_back(text.substr(0, end));
    EXPECT_EQ(text, "");
    return lines;
  }

  boost::asio::io_context loop_{1};
  Seats seats_{loop_};
  RunServer server_{loop_, seats_};
  std::filesystem::path home_;
  int burst_ = 0;
  int made_ = 0;
};

TEST_F(RunServerTest, AListenerThatStandsStillMissesSomeAndIsToldHowMuch) {
  const net::Fd client = listener();
  burst_ = 500;
  for (int i = 0; i < 8; ++i) server_.tell();  // 4 MB, of which it reads nothing
  std::vector<std::string> lines = read_all(client.get());
  ASSERT_EQ(lines.front(), "{\"ok\":true}");
  const int heard = static_cast<int>(lines.size()) - 1;
  EXPECT_GT(heard, 900);  // what fits into 1 MiB
  EXPECT_LT(heard, made_);
  for (int i = 0; i < heard; ++i)
    ASSERT_TRUE(lines[static_cast<std::size_t>(i) + 1].starts_with(
        "{\"number\":" + std::to_string(i) + ","));
  const int missed = made_ - heard;
  burst_ = 1;
  server_.tell();
  lines = read_all(client.get());
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], R"({"event":"dropped","count":)" + std::to_string(missed) + "}");
  EXPECT_TRUE(lines[1].starts_with("{\"number\":" + std::to_string(made_ - 1) + ","));
}

}  // namespace
}  // namespace bdsh::app
