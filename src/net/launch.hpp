// Starting a child process with nothing of ours in it: no descriptors beyond those given, default
// signals, a session of its own unless it shares ours, and, if wanted, a controlling terminal.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.hpp"

namespace bdsh::net {

// A descriptor that is closed with its object.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct Launch {
  std::vector<std::string> words;  // the program, looked up in $PATH, and its arguments
  // Beside and over our own; nothing: not set.
  std::vector<std::pair<std::string, std::optional<std::string>>> environment;
  // Descriptors of the caller that become 0, 1 and 2; -1: the terminal, or /dev/null without one.
  int in = -1;
  int out = -1;
  int err = -1;
  std::string terminal;  // path of its controlling terminal, or empty
  bool own_session = true;
};

void set_nonblocking(int fd);

// The error names the program and what the system says.
Result<pid_t> launch(const Launch& launch);
int spawn(const Launch& launch, pid_t& child);  // the same; 0 or the system's error number
// A descriptor that is readable once the child has ended.
Result<Fd> watch_end(pid_t child);

// The words that make the user's shell run `line` in its own place, as ssh(1) runs a ProxyCommand.
std::vector<std::string> shell_words(const std::string& line);

// Pairs of descriptors, close-on-exec; ours is the first and does not block.
struct FdPair {
  Fd ours;
  Fd theirs;
};
Result<FdPair> make_stream_pair();    // a two-way stream
Result<FdPair> make_pipe_from();      // theirs writes, ours reads
Result<FdPair> make_pipe_to();        // ours writes, theirs reads

}  // namespace bdsh::net
