// asciicast v2 (docs.asciinema.org/manual/asciicast/v2): a recording of a terminal as JSON lines.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/geometry.hpp"

namespace bdsh::report {

class Asciicast {
 public:
  Asciicast(Size size, std::chrono::system_clock::time_point started, const std::string& title);
  // A character that is cut at the end of `bytes` waits for its rest; bytes that are no UTF-8 become
  // U+FFFD.
  void output(std::chrono::microseconds at, std::string_view bytes);
  void resized(std::chrono::microseconds at, Size size);
  std::string take();  // the whole file

 private:
  void event(std::chrono::microseconds at, const char* kind, const std::string& data);
  std::string out_;
  std::string rest_;  // the beginning of a character
  std::chrono::microseconds last_{0};
};

}  // namespace bdsh::report
