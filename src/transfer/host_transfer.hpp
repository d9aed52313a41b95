// One host's transfer: bytes from its SFTP server in, bytes for it out. Upload and download say what
// is to be done (host_upload.hpp, host_download.hpp); this holds the channel, the jobs, and what
// became of them. No network, no clock.
//
// The driver calls begin() once the channel is open, receive() with what came, sends take_output()
// after each call, and ends the channel's input when ended().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "transfer/job_runner.hpp"

namespace bdsh::transfer {

struct Limits {  // of one host
  std::size_t requests = 64;  // unanswered at a time; a request carries up to 32 KiB
  std::size_t jobs = 16;      // files and directories at a time
};

struct Problem {
  std::string path;  // as the side that it is on has it; may be empty
  std::string what;
};

class HostTransfer {
 public:
  static constexpr std::size_t kProblemsKept = 1000;
  virtual ~HostTransfer() = default;
  HostTransfer(const HostTransfer&) = delete;
  HostTransfer& operator=(const HostTransfer&) = delete;

  void begin();
  void receive(std::string_view bytes);
  std::string take_output() { return runner_.sftp().take_output(); }
  // The session ended before the transfer; files that are not whole are given up.
  void broke_off();
  // The user gives up: what is unfinished is taken away, then it ends.
  void abort();

  bool ended() const { return ended_; }
  bool given_up() const { return aborted_; }
  // Why the channel is of no use, when that is so: ErrorKind::protocol.
  const std::optional<Error>& broken() const { return broken_; }
  const Tally& tally() const { return tally_; }
  // The first kProblemsKept of problem_count().
  const std::vector<Problem>& problems() const { return problems_; }
  std::size_t problem_count() const { return problem_count_; }
  // What was left out on purpose: links to directories, devices, sockets and pipes.
  const std::vector<Problem>& skipped() const { return skipped_; }

 protected:
  HostTransfer(const Rules& rules, const Limits& limits)
      : rules_(rules), limits_(limits), runner_(limits.requests) {}

  virtual void start() = 0;  // the first jobs
  virtual bool start_more() = 0;  // as many as may_start(); false: none
  virtual bool complete() const = 0;  // nothing is left to be started

  bool may_start() const { return runner_.running() < most_jobs() && !aborted_; }
  void note(const std::string& path, const std::optional<Error>& problem);
  void skip(const std::string& path, const std::string& what);

  const Rules rules_;
  const Limits limits_;
  Tally tally_;
  JobRunner runner_;

 private:
  std::size_t most_jobs() const;
  void go_on();

  std::optional<Error> broken_;
  std::vector<Problem> problems_;
  std::vector<Problem> skipped_;
  std::size_t problem_count_ = 0;
  bool started_ = false;
  bool aborted_ = false;
  bool ended_ = false;
};

}  // namespace bdsh::transfer
