// A connection to an SSH agent that a worker may be waiting on, and that the loop can break.
#pragma once

#include <memory>
#include <string>

#include "core/error.hpp"
#include "core/host_spec.hpp"

namespace bdsh::net {

// Shared by the session on the loop and the worker that signs; closed when both let go.
class AgentSocket {
 public:
  // Never waits: an agent whose queue is full is an error.
  static Result<std::shared_ptr<AgentSocket>> open(const std::string& path);
  explicit AgentSocket(int fd) : fd_(fd) {}
  ~AgentSocket();
  AgentSocket(const AgentSocket&) = delete;
  AgentSocket& operator=(const AgentSocket&) = delete;

  int get() const { return fd_; }
  // Whoever waits for an answer gets an end of file instead. Safe from any thread.
  void break_off() const;

 private:
  const int fd_;
};

// Where the host's agent listens; empty when it has none.
std::string agent_path(const HostSpec& spec);

}  // namespace bdsh::net
