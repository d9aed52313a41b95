// The runs of this user that are served by a program now, and how to reach them. Each has two names
// in a directory that is closed to others: PID.sock, where its program listens, and PID.run, a
// symbolic link to its run directory. Names whose program is gone are removed by whoever meets
// them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "net/launch.hpp"

namespace bdsh::app {

struct LiveRun {
  pid_t pid = 0;                    // of the program that serves it
  std::filesystem::path socket;     // speaks docs/control.md
  std::filesystem::path directory;  // the run directory, absolute
  // What people call it: the run directory's name.
  std::string name() const { return directory.filename().string(); }
};

// By name, then by pid.
std::vector<LiveRun> live_runs();
// `run` is a name, the beginning or a part of one when only one run has it, a pid, or the path of a
// run directory; empty: the only run there is. Errors: usage, and what there is to choose from.
Result<LiveRun> find_live_run(const std::string& run);
Result<LiveRun> choose_live_run(const std::vector<LiveRun>& runs, const std::string& run);

// A blocking, close-on-exec stream to the program; it is the user's own, which is checked.
Result<net::Fd> connect_to(const LiveRun& run);
// Whether the process at the other end of a Unix socket is this user's.
bool same_user(int socket);

// This program's own two names, for as long as it serves. The socket listens and does not block.
class LiveName {
 public:
  // Errors: io, when no directory can hold them.
  static Result<LiveName> make(const std::filesystem::path& run_directory);
  LiveName(LiveName&& other) = default;
  LiveName& operator=(LiveName&&) = delete;
  ~LiveName();

  int socket() const { return socket_.get(); }

 private:
  LiveName(net::Fd directory, net::Fd socket)
      : directory_(std::move(directory)), socket_(std::move(socket)) {}
  net::Fd directory_;
  net::Fd socket_;
};

}  // namespace bdsh::app
