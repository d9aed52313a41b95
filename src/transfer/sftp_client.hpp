// The client's end of one SFTP v3 channel, without I/O: requests are queued as bytes to send,
// received bytes become replies, each checked against what was asked. Any number of requests may be
// under way; the server may answer in any order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/error.hpp"
#include "transfer/packet_cutter.hpp"
#include "transfer/packets.hpp"

namespace bdsh::transfer {

class SftpClient {
 public:
  using Id = std::uint32_t;
  using Owner = std::uint32_t;

  // Requests of data are held back (room()) while as many as `most_in_flight` are unanswered.
  explicit SftpClient(std::size_t most_in_flight) : most_in_flight_(most_in_flight) {}

  void hello();  // the first packet; the answer, a VersionReply, is taken by next()

  // Whom the requests from now on are made for: next() tells with the reply.
  void act_for(Owner owner) { owner_ = owner; }

  Id open(std::string_view path, std::uint32_t flags, const Attributes& attributes);
  Id close(std::string_view handle);
  Id read(std::string_view handle, std::uint64_t offset, std::uint32_t count);
  Id write(std::string_view handle, std::uint64_t offset, std::string_view bytes);
  Id stat(std::string_view path);   // follows links
  Id lstat(std::string_view path);  // does not
  Id set(std::string_view path, const Attributes& attributes);
  Id set_open(std::string_view handle, const Attributes& attributes);
  Id open_directory(std::string_view path);
  Id read_directory(std::string_view handle);
  Id real_path(std::string_view path);  // answered with one name, absolute and without links
  Id make_directory(std::string_view path, const Attributes& attributes);
  Id remove(std::string_view path);
  // Over an existing file too, where the server knows posix-rename@openssh.com; else it is refused.
  Id rename(std::string_view from, std::string_view to);
  Id flush_file(std::string_view handle);  // fsync@openssh.com; only when can_flush()
  Id disk_space(std::string_view path);    // statvfs@openssh.com; only when can_tell_space()

  // What came in. ErrorKind::protocol: the channel is of no more use.
  void feed(std::string_view bytes) { cutter_.feed(bytes); }
  struct Answer {
    Owner owner;
    Reply reply;  // its views are valid until the next call
  };
  Result<std::optional<Answer>> next();

  // What is to be sent, at once.
  std::string take_output();
  std::size_t output_size() const { return out_.size(); }

  bool ready() const { return ready_; }  // the server has said hello
  bool room() const { return expected_.size() < most_in_flight_; }
  std::size_t in_flight() const { return expected_.size(); }
  std::size_t most_in_flight() const { return most_in_flight_; }
  std::uint32_t read_size() const { return read_size_; }  // bytes of one request
  std::uint32_t write_size() const { return write_size_; }
  std::optional<std::uint64_t> most_handles() const { return most_handles_; }
  bool renames_over() const { return posix_rename_; }
  bool can_flush() const { return fsync_; }
  bool can_tell_space() const { return statvfs_; }

 private:
  struct Expected {
    Kind reply;  // besides a status, which answers everything
    Owner owner;
  };
  Id begin(Kind kind, Kind reply);
  Id with_path(Kind kind, std::string_view path, Kind reply);
  Id with_attributes(Kind kind, std::string_view path, const Attributes& attributes);
  Id extended(std::string_view name, std::string_view argument, Kind reply);
  void finish();
  Status greeted(const VersionReply& version);
  void limited(std::string_view limits);
  Result<std::optional<Answer>> checked(Reply reply);

  const std::size_t most_in_flight_;
  PacketCutter cutter_;
  std::string out_;
  std::size_t packet_ = 0;  // where the one being written begins
  std::unordered_map<Id, Expected> expected_;
  Owner owner_ = 0;
  Id last_id_ = 0;
  std::optional<Id> limits_asked_;
  bool ready_ = false;
  bool greeted_ = false;
  std::uint32_t read_size_ = 32 * 1024;  // which every server takes (§3)
  std::uint32_t write_size_ = 32 * 1024;
  std::optional<std::uint64_t> most_handles_;
  bool posix_rename_ = false;
  bool fsync_ = false;
  bool statvfs_ = false;
};

// Free bytes for the user, from the answer to disk_space(); nothing when it is no such answer.
std::optional<std::uint64_t> free_space(const Reply& reply);

}  // namespace bdsh::transfer
