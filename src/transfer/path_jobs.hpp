// Small pieces of work on one path: look at it, list it, make it, set what is known about it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transfer/job.hpp"

namespace bdsh::transfer {

// What a path is. problem(): it cannot be looked at; missing(): as there is nothing.
class Look : public Job {
 public:
  explicit Look(std::string path, bool follow = true) : path_(std::move(path)), follow_(follow) {}
  void begin(SftpClient& sftp) override;
  void heard(const Reply& reply, SftpClient& sftp) override;
  const std::string& path() const { return path_; }
  const Attributes& attributes() const { return attributes_; }
  bool missing() const { return missing_; }
  bool is_directory() const { return !problem() && attributes_.kind() == FileKind::directory; }

 private:
  const std::string path_;
  const bool follow_;
  Attributes attributes_;
  bool missing_ = false;
};

// The entries of a directory but "." and "..", in the order of their names. Of one with more than
// `most` the first that the host gives; cut() tells.
class ListDirectory : public Job {
 public:
  static constexpr std::size_t kMost = 1'000'000;
  // An answer has about a hundred entries, so a long listing would else be a round trip for each.
  static constexpr int kAsked = 4;
  explicit ListDirectory(std::string path, std::size_t most = kMost)
      : path_(std::move(path)), most_(most) {}
  void begin(SftpClient& sftp) override;
  void heard(const Reply& reply, SftpClient& sftp) override;
  void abort(SftpClient& sftp) override;
  const std::string& path() const { return path_; }
  bool cut() const { return cut_; }
  std::vector<Entry> take_entries() { return std::move(entries_); }

 private:
  void take(const NameReply& names, SftpClient& sftp);
  void finish(SftpClient& sftp);
  const std::string path_;
  const std::size_t most_;
  std::string handle_;
  std::vector<Entry> entries_;
  bool cut_ = false;
  bool aborted_ = false;
};

// The absolute path that a host has for one.
class RealPath : public Job {
 public:
  explicit RealPath(std::string path) : path_(std::move(path)) {}
  void begin(SftpClient& sftp) override { sftp.real_path(path_); }
  void heard(const Reply& reply, SftpClient& sftp) override;
  const std::string& real() const { return real_; }  // empty: the host does not say

 private:
  const std::string path_;
  std::string real_;
};

// A directory, with those above it that are missing if `parents`. No problem when it is there.
class MakeDirectory : public Job {
 public:
  MakeDirectory(std::string path, std::optional<std::uint32_t> mode, bool parents)
      : path_(std::move(path)), mode_(mode), parents_(parents), current_(path_) {}
  void begin(SftpClient& sftp) override;
  void heard(const Reply& reply, SftpClient& sftp) override;
  const std::string& path() const { return path_; }

 private:
  void make(SftpClient& sftp);
  void refused_one(const StatusReply& failure, SftpClient& sftp);
  const std::string path_;
  const std::optional<std::uint32_t> mode_;
  const bool parents_;
  std::string current_;                 // the one being made
  std::vector<std::string> below_;      // to be made after it, the last first
  std::optional<StatusReply> failure_;  // while it is looked at
};

class SetAttributes : public Job {
 public:
  SetAttributes(std::string path, Attributes attributes)
      : path_(std::move(path)), attributes_(attributes) {}
  void begin(SftpClient& sftp) override { sftp.set(path_, attributes_); }
  void heard(const Reply& reply, SftpClient& sftp) override;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const Attributes attributes_;
};

}  // namespace bdsh::transfer
