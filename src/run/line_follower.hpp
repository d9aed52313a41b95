// A text file that grows, as its complete new lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bdsh::run {

class LineFollower {
 public:
  // A line longer than `longest` is cut in pieces.
  explicit LineFollower(std::string name, std::size_t longest = 256U << 10U)
      : name_(std::move(name)), longest_(longest) {}
  // New complete lines, without their ends, from some 256 KiB. Without anything new it costs one
  // system call.
  std::vector<std::string> poll(int directory);
  bool more() const { return more_; }  // the last poll() did not come to the end

 private:
  std::string name_;
  std::size_t longest_;
  std::uint64_t offset_ = 0;  // behind the last complete line
  std::uint64_t seen_ = 0;    // the file's size as last read
  bool more_ = false;
};

}  // namespace bdsh::run
