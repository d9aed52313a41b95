// A piece of work on one host: it sends requests, hears the answers to them, and ends by itself.
// Jobs of a host run side by side on its one channel (job_runner.hpp). No I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "transfer/sftp_client.hpp"

namespace bdsh::transfer {

// How files are transferred.
struct Rules {
  bool recursive = false;
  bool preserve = false;  // modes and times are the source's
  bool resume = false;    // goes on with what a broken transfer has left, and leaves it when it breaks
  bool compare = false;   // every file is read back before it gets its name
  bool flush = false;     // and is on the host's disk before that
};

// What a host's transfer has to do and has done. Sizes in bytes.
struct Tally {
  std::uint64_t files = 0;  // known of so far
  std::uint64_t files_done = 0;
  std::uint64_t bytes = 0;  // of the files known of; what a resumed transfer finds there is left out
  std::uint64_t bytes_done = 0;
  bool complete = false;  // nothing more will become known
  friend bool operator==(const Tally&, const Tally&) = default;
};

class Job {
 public:
  virtual ~Job() = default;
  virtual void begin(SftpClient& sftp) = 0;
  virtual void heard(const Reply& reply, SftpClient& sftp) = 0;
  // There is room for requests that carry data; as many as there is room for may be made.
  virtual void more(SftpClient&) {}
  // Ends soon, and leaves nothing unfinished on the host.
  virtual void abort(SftpClient&) {}
  bool ended() const { return ended_; }
  // Why it failed; nothing: it did not.
  const std::optional<Error>& problem() const { return problem_; }

 protected:
  void end() { ended_ = true; }
  // Only the first is kept: the others follow from it.
  void fail(Error error) {
    if (!problem_) problem_ = std::move(error);
  }
  void explain(const std::string& why) { problem_->message += why; }

 private:
  std::optional<Error> problem_;
  bool ended_ = false;
};

// What the host refuses is of ErrorKind::channel, in the server's words.
Error refused(const StatusReply& status);
// The status of a reply; one that is no status is a success.
const StatusReply* failure_in(const Reply& reply);

}  // namespace bdsh::transfer
