// A forwarded agent's connection: what a program on a host asks goes to the user's agent, through the
// same filter as this program's own questions (list keys, sign, nothing else), and the answers back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/agent_proxy.hpp"
#include "net/asio.hpp"

namespace bdsh::net {

// All calls and callbacks on the loop's thread.
class AgentRelay : public std::enable_shared_from_this<AgentRelay> {
 public:
  // A channel may leave this much unread before it is given up.
  static constexpr std::size_t kMostWaiting = 1U << 20U;

  // `came`: the agent has answered; take() has it. `ended`: the connection is over.
  struct Hooks {
    std::function<void()> came;
    std::function<void()> ended;
  };
  static Result<std::shared_ptr<AgentRelay>> open(asio::io_context& loop, const std::string& agent,
                                                  Hooks hooks);
  AgentRelay(asio::io_context& loop, std::shared_ptr<AgentProxy> proxy, Hooks hooks);

  void ask(std::string_view bytes);            // from the host
  std::string& answers() { return answers_; }  // for the host: what is sent is erased from it
  void close();                                // no callback comes any more

 private:
  void read();
  void write();
  void end();

  std::shared_ptr<AgentProxy> proxy_;
  asio::posix::stream_descriptor near_;  // a duplicate of the proxy's client end
  Hooks hooks_;
  std::string asked_;    // not written yet
  std::string writing_;
  std::string answers_;
  std::array<char, 4096> buffer_{};
};

}  // namespace bdsh::net
