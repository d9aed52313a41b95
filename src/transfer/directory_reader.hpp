// One host's directories, listed one at a time on a channel of its SFTP server: bytes in, bytes
// out, a DirectoryListing when it is there. No network, no clock.
//
// The driver calls begin() once the channel is open, receive() with what came, broke_off() when it
// ended, and after each call sends take_output() and asks take().
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/directory.hpp"
#include "transfer/job_runner.hpp"
#include "transfer/path_jobs.hpp"

namespace bdsh::transfer {

class DirectoryReader {
 public:
  // `most`: entries of a directory; the rest is left out, which the listing says.
  explicit DirectoryReader(std::size_t most) : most_(most), runner_(kRequests) {}
  DirectoryReader(const DirectoryReader&) = delete;
  DirectoryReader& operator=(const DirectoryReader&) = delete;

  void begin() { runner_.sftp().hello(); }
  // In place of the one that is being read; may be called before begin(). "": where the server
  // starts.
  void list(std::string path);
  void receive(std::string_view bytes);
  void broke_off(const Error& why);  // what is being read fails with it

  std::string take_output() { return runner_.sftp().take_output(); }
  std::optional<DirectoryListing> take() { return std::exchange(done_, std::nullopt); }
  bool reading() const { return reading_; }
  bool broken() const { return broken_; }  // the channel is of no more use

 private:
  static constexpr std::size_t kRequests = 16;
  void start();
  void listed(ListDirectory& list);
  void finish_if_complete();

  const std::size_t most_;
  JobRunner runner_;
  std::string path_;
  DirectoryListing listing_;  // being read
  int awaited_ = 0;           // jobs that it consists of
  int asked_ = 0;             // which list() it is of: what is left of an earlier one ends unheard
  std::optional<DirectoryListing> done_;
  bool reading_ = false;
  bool started_ = false;
  bool broken_ = false;
};

}  // namespace bdsh::transfer
