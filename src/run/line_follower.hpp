// A text file that grows, as its complete new lines.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bdsh::run {

class LineFollower {
 public:
  explicit LineFollower(std::string name) : name_(std::move(name)) {}
  // New complete lines, without their ends, from at most 256 KiB; a longer line is cut in pieces.
  std::vector<std::string> poll(int directory);
  bool more() const { return more_; }  // the last poll() did not come to the end

 private:
  std::string name_;
  std::uint64_t offset_ = 0;
  bool more_ = false;
};

}  // namespace bdsh::run
