// The jobs of one host on its channel: what they ask is sent, each hears what answers it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "transfer/job.hpp"

namespace bdsh::transfer {

class JobRunner {
 public:
  explicit JobRunner(std::size_t most_in_flight) : sftp_(most_in_flight) {}

  // Takes the job; `then` is called once it has ended, and may start others.
  template <typename Kind>
  void start(std::unique_ptr<Kind> job, std::function<void(Kind&)> then) {
    Kind* const raw = job.get();
    add(std::move(job), [raw, then = std::move(then)] { then(*raw); });
  }

  // ErrorKind::protocol: the channel is of no more use, and no job will end.
  Status receive(std::string_view bytes);
  // Lets jobs begin, end and send as much as there is room for. After receive() and start().
  void settle();
  void abort();  // all of them
  void clear() { slots_.clear(); }

  std::size_t running() const { return slots_.size(); }
  SftpClient& sftp() { return sftp_; }
  const SftpClient& sftp() const { return sftp_; }

 private:
  struct Slot {
    std::unique_ptr<Job> job;
    std::function<void()> then;
    bool begun = false;
  };
  void add(std::unique_ptr<Job> job, std::function<void()> then);
  bool begin_and_end();

  SftpClient sftp_;
  std::map<SftpClient::Owner, Slot> slots_;  // by age
  SftpClient::Owner last_ = 0;
};

}  // namespace bdsh::transfer
