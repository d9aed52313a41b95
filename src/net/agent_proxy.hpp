// A filter between libssh and the user's SSH agent: libssh would offer a server every key of the
// agent, one refusal each, until the server hangs up. On the loop, so a frozen agent holds nobody.
// Where nothing is to be filtered libssh gets the agent itself: the loop is not woken four times
// for each host that logs in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/host_spec.hpp"
#include "net/agent_lists.hpp"
#include "net/agent_protocol.hpp"
#include "net/asio.hpp"

namespace bdsh::net {

// libssh's end: owned by the session on the loop and the worker that signs; closed when both let
// go.
class AgentSocket {
 public:
  explicit AgentSocket(int fd) : fd_(fd) {}
  ~AgentSocket();
  AgentSocket(const AgentSocket&) = delete;
  AgentSocket& operator=(const AgentSocket&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

// All calls on the loop's thread.
class AgentProxy : public std::enable_shared_from_this<AgentProxy> {
 public:
  // Never waits: an agent whose queue is full is an error of kind timeout. `lists`: what is known
  // of agents' keys, and where this agent's go; may be null.
  static Result<std::shared_ptr<AgentProxy>> open(asio::io_context& loop, const std::string& path,
                                                  AgentChoice choice,
                                                  std::shared_ptr<AgentLists> lists = {});
  AgentProxy(asio::io_context& loop, std::string path, AgentChoice choice,
             std::shared_ptr<AgentLists> lists)
      : path_(std::move(path)),
        choice_(std::move(choice)),
        lists_(std::move(lists)),
        near_(loop),
        far_(loop) {}

  std::shared_ptr<AgentSocket> client() const { return client_; }  // null once broken off
  // Whoever waits for an answer gets an end of file instead. To be called before letting go.
  void break_off();
  int offered() const { return offered_; }  // keys
  const std::string& signed_with() const {
    return signed_with_;
  }                             // the last key, in wire form; of several see name_key
  std::string problem() const;  // why the agent gave no answer, or empty

 private:
  using Socket = asio::local::stream_protocol::socket;
  using Next = void (AgentProxy::*)();

  Status connect();
  std::optional<int> all_may_pass();
  Status hand_over(int keys);
  Status stand_between();
  void read_frame(Socket& from, Next next);
  void write_frame(Socket& to, Next next);
  void request();
  void note_key(std::string_view rest);
  void await_request();
  void await_answer();
  void answer();
  void fail(const std::string& problem);

  const std::string path_;
  AgentChoice choice_;
  std::shared_ptr<AgentLists> lists_;
  bool direct_ = false;  // client_ is the agent
  Socket near_;          // the other end of client_
  Socket far_;           // the agent
  std::shared_ptr<AgentSocket> client_;
  std::string header_;
  std::string body_;
  int offered_ = 0;
  std::string signed_with_;
  std::string problem_;
};

// Where the host's agent listens; empty when it has none.
std::string agent_path(const HostSpec& spec);
// The agent that programs on the host may use, as ssh(1) chooses it: the one used for logging in,
// unless ForwardAgent names another. Empty: none.
std::string forwarded_agent(const HostSpec& spec);

}  // namespace bdsh::net
